#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Proves the layers: what each module may stand on, by its includes and by the symbols its archive needs.
#   layers.pl FOLDER-OF-ARCHIVES
use strict;
use warnings;

# A module may use itself, what is named here, and what that may use.
my %stands_on = (
	base => [],
	crypto => ['base'],
	bundle => ['crypto'],
	artifact => ['base'],
	live => ['base'],
	scan => ['base'],
	timeline => ['base'],
	collect => [qw(bundle artifact live scan)],
	casedb => [qw(bundle scan timeline)],
	report => ['casedb'],
);

my ($archives) = @ARGV;
die "usage: layers.pl FOLDER-OF-ARCHIVES\n" unless $archives;
my $count = 0;
my $failed = 0;

sub check {
	my ($name, @wrong) = @_;
	$count++;
	print @wrong ? 'not ok' : 'ok', " $count - $name\n";
	print "# $_\n" for @wrong;
	$failed = 1 if @wrong;
}

sub allowed {
	my ($module) = @_;
	my %set = ($module => 1);
	for my $below (@{$stands_on{$module}}) {
		$set{$_} = 1 for keys %{allowed($below)};
	}
	return \%set;
}

sub slurp {
	my ($file) = @_;
	open(my $in, '<', $file) or die "layers: cannot open '$file': $!\n";
	local $/;
	return scalar <$in>;
}

# Which archive defines a symbol, and which symbols an archive needs.
my (%defined_in, %needs);
for my $module (sort keys %stands_on) {
	next unless -e "$archives/$module.a";
	open(my $nm, '-|', 'nm', '-g', "$archives/$module.a") or die "layers: cannot run nm: $!\n";
	while (<$nm>) {
		$defined_in{$2} = $module if /^[0-9a-f]+ ([A-TV-Z]) (pk_\w+)$/;
		$needs{$module}{$1} = 1 if /^ +[Uw] (pk_\w+)$/;
	}
	close($nm);
}

# A public header belongs to the module that defines most of what it declares; one that declares nothing, to base.
my %module_of;
for my $header (glob('include/picket/*.h')) {
	my %votes;
	my $text = slurp($header);
	$text =~ s{/\*.*?\*/}{}gs;
	for my $symbol ($text =~ /\b(pk_\w+)\s*(?:\(|;|\[)/g) {
		$votes{$defined_in{$symbol}}++ if defined $defined_in{$symbol};
	}
	(my $name = $header) =~ s{.*/}{};
	my ($best) = sort { $votes{$b} <=> $votes{$a} || $a cmp $b } keys %votes;
	$module_of{$name} = $best || 'base';
}

for my $module (sort keys %stands_on) {
	my $may = allowed($module);
	my @wrong;
	for my $file (glob("lib/$module/*.[ch]")) {
		my $text = slurp($file);
		for my $header ($text =~ /^\s*#\s*include\s*<picket\/([^>]+)>/mg) {
			my $of = $module_of{$header};
			push @wrong, "$file includes <picket/$header>, which there is not" unless $of;
			push @wrong, "$file includes <picket/$header> of $of" if $of && !$may->{$of};
		}
		for my $header ($text =~ /^\s*#\s*include\s*"([^"]+)"/mg) {
			push @wrong, "$file includes \"$header\", a file of another folder" if $header =~ m{/};
		}
	}
	check("$module includes only what it stands on", @wrong);
	next unless $needs{$module};
	@wrong = ();
	for my $symbol (sort keys %{$needs{$module}}) {
		my $of = $defined_in{$symbol};
		push @wrong, "$symbol is defined nowhere" unless $of;
		push @wrong, "$symbol is of $of" if $of && !$may->{$of};
	}
	check("$module calls only what it stands on", @wrong);
}

# Headers must not lead a module up either.
my @wrong;
for my $header (sort keys %module_of) {
	my $may = allowed($module_of{$header});
	for my $inner (slurp("include/picket/$header") =~ /^\s*#\s*include\s*<picket\/([^>]+)>/mg) {
		my $of = $module_of{$inner} || 'nothing';
		push @wrong, "<picket/$header> of $module_of{$header} includes <picket/$inner> of $of" unless $may->{$of};
	}
}
check('public headers include only what their module stands on', @wrong);

@wrong = ();
for my $file (glob('tools/*.[ch] tools/*/*.[ch]')) {
	push @wrong, "$file includes \"$1\"" if slurp($file) =~ /^\s*#\s*include\s*"([^"]*lib\/[^"]+)"/m;
}
check('tools use public headers only', @wrong);

# File names are unique, so that a name says where it is.
my (%at, @twice);
for my $file (glob('lib/*/*.c')) {
	(my $name = $file) =~ s{.*/}{};
	push @twice, "$file and $at{$name} have one name" if $at{$name};
	$at{$name} = $file;
}
check('names of source files are unique', @twice);

# And the map itself holds: every folder of lib/ is in it.
check('every module is in the table', grep { my $m = $_; $m =~ s{lib/}{}; !$stands_on{$m} } glob('lib/*'));
print "1..$count\n";
exit $failed;
