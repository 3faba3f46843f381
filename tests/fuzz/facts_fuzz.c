/* SPDX-License-Identifier: Apache-2.0 */
/* passwd, group and os-release of a suspect host: the first byte says which. */
#include <picket/facts.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_facts) f = {0};
	struct pk_str text;
	size_t bad = 0;
	int rc;

	if (!size)
		return 0;
	text = pk_str_n(data + 1, size - 1);
	if (data[0] == 'p')
		rc = pk_facts_parse_passwd(&f, text, &bad, NULL);
	else if (data[0] == 'g')
		rc = pk_facts_parse_group(&f, text, &bad, NULL);
	else if (data[0] == 'l')
		rc = pk_facts_parse_language(&f.language, text, NULL);
	else
		rc = pk_facts_parse_os_release(&f, text, NULL);
	if (rc < 0)
		__builtin_trap();
	for (size_t i = 0; i < f.users_n; i++)
		if (!f.users[i].name[0] || !f.users[i].home || !f.users[i].shell)
			__builtin_trap();
	return 0;
}
