/* Descriptors of the system structs. */
#include "feature/system/system.h"

DESC(job_ref, JOB_REF_FIELDS)
DESC(job_view, JOB_VIEW_FIELDS)
DESC(job_list, JOB_LIST_FIELDS)
DESC(template_ask, TEMPLATE_ASK_FIELDS)
DESC(template_ref, TEMPLATE_REF_FIELDS)
DESC(template_view, TEMPLATE_VIEW_FIELDS)
DESC(template_list, TEMPLATE_LIST_FIELDS)
DESC(template_new, TEMPLATE_NEW_FIELDS)
DESC(seal_view, SEAL_VIEW_FIELDS)
DESC(seal_state, SEAL_STATE_FIELDS)
DESC(audit_ask, AUDIT_ASK_FIELDS)
DESC(op_view, OP_VIEW_FIELDS)
DESC(codes_view, CODES_VIEW_FIELDS)
