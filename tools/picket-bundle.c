/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle: seal, check and open bundles, and plain age files. */
#include "bundle/verbs.h"

int main(int argc, char **argv)
{
	static const struct pk_opt common[] = {PK_COMMON_OPTS, PK_OPT_END};
	const struct pk_verb verbs[] = {
		bundle_seal,    bundle_share,       bundle_list,   bundle_verify,  bundle_open,
		bundle_cat,     bundle_countersign, bundle_rewrap, bundle_release, bundle_salvage,
		bundle_encrypt, bundle_decrypt,     {0},
	};
	const struct pk_tool tool = {
		.name = "picket-bundle",
		.summary = "seal, check and open bundles of evidence",
		.verbs = verbs,
		.common = common,
	};

	return pk_tool_main(&tool, argc, argv);
}
