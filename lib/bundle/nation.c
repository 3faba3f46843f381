/* SPDX-License-Identifier: Apache-2.0 */
/* Nations: the officially assigned codes of ISO 3166-1 alpha-3, and the groups that labels may be written with. */
#include "nation.h"

#include <picket/label.h>

static const char codes[] =
	"ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS "
	"BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV "
	"CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM "
	"GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN "
	"IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE "
	"LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS "
	"MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK "
	"PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR "
	"SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY "
	"USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE ";

static const struct {
	const char *name, *nations;
} groups[] = {
	{"AUKUS", "AUS,GBR,USA"},
	{"FVEY", "AUS,CAN,GBR,NZL,USA"},
	{"NATO", "ALB,BEL,BGR,CAN,CZE,DEU,DNK,ESP,EST,FIN,FRA,GBR,GRC,HRV,HUN,ISL,ITA,LTU,LUX,LVA,MKD,MNE,NLD,NOR,POL,"
		 "PRT,ROU,SVK,SVN,SWE,TUR,USA"},
};

bool pk_nation_is_known(struct pk_str s)
{
	if (s.n != 3)
		return false;
	for (const char *p = codes; *p; p += 4)
		if (memcmp(p, s.p, 3) == 0)
			return true;
	return false;
}

struct pk_str pk_nation_group(struct pk_str name)
{
	for (size_t i = 0; i < PK_LEN(groups); i++)
		if (pk_str_eq(name, pk_str(groups[i].name)))
			return pk_str(groups[i].nations);
	return (struct pk_str){NULL, 0};
}
