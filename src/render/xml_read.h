/* Reading one XML part of a workbook with expat, as untrusted input: no document type, no
 * entities of its own, bounded depth. Names lose their namespace prefix. */
#ifndef ZHIAN_RENDER_XML_READ_H
#define ZHIAN_RENDER_XML_READ_H

#include "render/zip_read.h"

enum { XML_DEPTH_MAX = 64 };

/* What a part does with its events. atts is name, value, …, NULL. A handler ends the reading by
 * setting `stop` (all read that was wanted) or `err`. */
struct xml_sink {
    void (*start)(struct xml_sink *x, const char *name, const char **atts);
    void (*end)(struct xml_sink *x, const char *name);
    void (*text)(struct xml_sink *x, struct str s);
    bool stop;
    enum sheet_err err;
    int depth;
    uint64_t *done; /* where to note the progress through the file, or NULL */
    void *parser;
};

/* xml_read_part runs the entry through the sink. SHEET_ERR_BROKEN: not well-formed or too deep;
 * _UNSAFE: it declares a document type; else what the ZIP or the sink says. */
MUST_CHECK enum sheet_err xml_read_part(struct zip_in *z, struct str entry, struct xml_sink *x);

/* xml_att: the value of the attribute with that local name; NULL when absent. */
const char *xml_att(const char **atts, const char *name);

/* xml_is_true reads an xsd:boolean. */
bool xml_is_true(const char *value);

#endif
