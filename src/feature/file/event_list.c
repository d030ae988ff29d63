/* Events as a list: those of the firms in scope, or of one firm. An event reaches scope through its
 * firm, wherever that stands now. */
#include "core/app.h"
#include "feature/file/file_impl.h"
#include "feature/ops.h"

#define COL(name_, type_, flags_, label_, codes_)                                                  \
    {                                                                                              \
        .name = #name_, .type = FT_##type_, .flags = (flags_), .label = (label_),                  \
        .codes = (codes_), .expr = "v." #name_                                                     \
    }

enum { SHOW = LC_DEFAULT, FILTER = LC_FILTER };

static const struct list_col cols[] = {
    COL(id, INT, LC_ALWAYS | LC_SORT, "编号", NULL),
    COL(version, INT, LC_ALWAYS, "版本", NULL),
    COL(firm, INT, LC_ALWAYS | FILTER, "单位", NULL),
    {.name = "firm_name", .type = FT_STR, .flags = SHOW, .label = "单位名称", .expr = "f.name"},
    {.name = "firm_org", .type = FT_STR, .label = "属地机构", .expr = PART_list_org_name},
    COL(type, CODE, SHOW | FILTER, "类型", "event_type"),
    COL(day, DAY, SHOW | FILTER | LC_SORT, "日期", NULL),
    COL(level, CODE, SHOW | FILTER, "层级", "level"),
    COL(org_name, STR, SHOW, "实施单位", NULL),
    COL(product, STR, SHOW, "产品", NULL),
    COL(result, CODE, SHOW | FILTER, "结果", "event_result"),
    COL(severity, CODE, SHOW | FILTER, "问题定级", "severity"),
    COL(text, STR, SHOW, "事由和发现的问题", NULL),
    COL(measure, STR, SHOW, "处理和措施", NULL),
    COL(status, CODE, FILTER, "整改状态", "rectify_state"),
    COL(verified, BOOL, FILTER, "已核实", NULL),
    COL(adverse, BOOL, FILTER, "计入风险", NULL),
    COL(doc_no, STR, 0, "文书编号", NULL),
    COL(source, CODE, FILTER, "来源", "event_source"),
    COL(ext_no, STR, 0, "来源编号", NULL),
    COL(void_reason, STR, FILTER, "作废理由", NULL),
    COL(by_name, STR, 0, "登记人", NULL),
    COL(at, TIME, 0, "登记时间", NULL),
};

#define DEF(from_)                                                                                 \
    {                                                                                              \
        .name = "event", .from = (from_), .id = "v.id", .scope = "f.org_path", .level2 = "f.p2",   \
        .level3 = "f.p3", .default_sort = "-day", .cols = cols, .n = sizeof cols / sizeof *cols    \
    }

/* Wide scopes walk the events from the newest; a county or station starts from its firms. */
static const struct list_def by_event = DEF("event v @CROSS@ JOIN firm f ON f.id = v.firm");
static const struct list_def by_firm = DEF("firm f @CROSS@ JOIN event v ON v.firm = f.id");

enum err op_event_list(struct ctx *c, const struct list_query *in, struct list_page *ret)
{
    return firm_rows_page(c, &(struct firm_rows){&by_event, &by_firm, "v.firm = "}, in, ret);
}
