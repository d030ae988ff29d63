/* The import rules one by one, beyond what the samples hold. A case is a row like the good one
 * with some cells changed; its result is written as "verdict field:CODE … >row of". */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "../render/zip_fixture.h"
#include "base/jsonin.h"
#include "feature/import/imp_report.h"
#include "import_fixture.h"

static struct fixture fx;
static struct buf results; /* of all data rows, separated by " / " */
static struct buf values;  /* of the last accepted row, as JSON */
static struct buf notes;   /* the sentences of the last row */
static struct buf sheets;  /* verdicts of the sheets */

/* --- the good row -------------------------------------------------------------------------------
 */

static const char *const good[][3] = {
    {"seq", "序号", "1"},
    {"name", "单位名称", "文水县甲乙建材有限公司"},
    {"uscc", "统一社会信用代码", "91141121TTTT300103"},
    {"entity_type", "主体类型", "企业"},
    {"legal_person", "法定代表人", "郭丽英"},
    {"reg_address", "注册地址", "文水县凤城镇1号"},
    {"site_address", "生产地址", "山西省吕梁市文水县凤城镇土堂社区1号"},
    {"county", "县", "文水县"},
    {"town", "乡镇", "凤城镇"},
    {"staff", "从业人员", "90"},
    {"revenue", "营业收入", "1357.15"},
    {"stat_size", "统计规模", ""},
    {"grade", "级别", ""},
    {"entry_reason", "入库原因", "04"},
    {"applicability", "适用情形", "许可证"},
    {"product", "产品名称", "水泥"},
    {"model", "规格型号", "32.5"},
    {"standard", "执行标准", "GB 175-2023"},
    {"lic_no", "许可证号", "(晋)XK08-001-90021"},
    {"lic_date", "发证日期", "2025-04-22"},
    {"lic_to", "有效期至", "2030-04-21"},
    {"ccc_no", "CCC证书编号", ""},
    {"officer", "监管责任人", "石占旺"},
    {"officer_phone", "责任人电话", "13800003358"},
    {"officer_since", "履职时间", "2024-05-27"},
    {"abnormal", "异常状态", "正常"},
    {"risk", "风险等级", "1"},
    {"sale_modes", "销售方式", "零售"},
    {"wholesale_revenue", "其中：批发收入", ""},
    {"brand", "品牌", "甲"},
    {"is_mandatory_std", "是否强标", "是"},
    {"scope", "经营范围", "水泥制造"},
    {"fill_date", "填报日期", "2026-10-20"},
    {"remark", "备注", ""},
};

enum { COLS = sizeof good / sizeof *good };

static void put_quoted(struct buf *b, const char *s, size_t n)
{
    buf_addc(b, '"');
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '"')
            buf_addc(b, '"');
        buf_addc(b, s[i]);
    }
    buf_addc(b, '"');
}

/* The value of a key in "key=value|key=value", or NULL. */
static const char *spec_value(const char *spec, const char *key, size_t *ret_n)
{
    size_t k = strlen(key);
    for (const char *p = spec; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
        if (strncmp(p, key, k) != 0 || p[k] != '=')
            continue;
        const char *end = strchr(p, '|');
        *ret_n = end ? (size_t)(end - p) - k - 1 : strlen(p) - k - 1;
        return p + k + 1;
    }
    return NULL;
}

static void put_row(struct buf *b, const char *spec)
{
    for (int i = 0; i < COLS; i++) {
        size_t n = strlen(good[i][2]);
        const char *changed = spec_value(spec, good[i][0], &n);
        if (i)
            buf_addc(b, ',');
        put_quoted(b, changed ? changed : good[i][2], n);
    }
    buf_addc(b, '\n');
}

static void put_head(struct buf *b)
{
    for (int i = 0; i < COLS; i++)
        buf_fmt(b, i ? ",%s" : "%s", good[i][1]);
    buf_addc(b, '\n');
}

/* --- telling ------------------------------------------------------------------------------------
 */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void put_findings(const struct imp_row *r)
{
    char text[32][64];
    char *order[32];
    size_t n = 0;
    for (size_t i = 0; i < r->nerrors + r->nwarnings && n < 32; i++, n++) {
        const struct imp_finding *f = i < r->nerrors ? &r->errors[i] : &r->warnings[i - r->nerrors];
        (void)snprintf(
            text[n], sizeof text[n], " %s:%s", imp_key_name(f->key), imp_code_name(f->code));
        order[n] = text[n];
        imp_put_finding(fx.rules[0], f, 0, r->row, &notes);
        buf_addc(&notes, '\n');
    }
    qsort(order, n, sizeof *order, by_name);
    for (size_t i = 0; i < n; i++)
        buf_addz(&results, order[i]);
}

static enum err on_row(void *arg, const struct imp_row *r)
{
    (void)arg;
    if (r->why == WHY_HEAD)
        return OK;
    buf_addz(&results, results.n ? " / " : "");
    buf_addz(&results, imp_verdict_name(r->verdict));
    if (r->why)
        buf_fmt(&results, " %s", imp_why_name(r->why));
    buf_reset(&notes);
    put_findings(r);
    if (r->of.row)
        buf_fmt(&results, " >%u", r->of.row);
    else if (r->of.firm)
        buf_fmt(&results, " >firm%d", (int)r->of.firm);
    for (size_t i = 0; i < r->nsuggests; i++)
        buf_fmt(
            &results, " ?%s=%.*s", imp_key_name(r->suggests[i].key), STR_ARG(r->suggests[i].value));
    for (size_t i = 0; i < r->ndiffs; i++)
        buf_fmt(&results, " ~%s:%.*s->%.*s", imp_key_name(r->diffs[i].key),
            STR_ARG(r->diffs[i].stored), STR_ARG(r->diffs[i].given));
    if (r->verdict <= IMP_PRODUCT_ADDED) {
        struct jw w;
        buf_reset(&values);
        jw_init(&w, &values);
        imp_values_json(r->unit, r->product, true, &w);
    }
    return OK;
}

static enum err on_sheet(void *arg, const struct imp_sheet *s)
{
    static const char *const verdicts[] = {"imported", "ignored", "rejected"};
    (void)arg;
    buf_fmt(&sheets, "%s%s %s%s", sheets.n ? " / " : "", verdicts[s->verdict], imp_why_name(s->why),
        s->other_ledger ? "other" : "");
    for (size_t i = 0; i < s->nmissing; i++)
        buf_fmt(&sheets, " -%s", imp_key_name(s->missing[i]));
    if (s->town.n)
        buf_fmt(&sheets, " @%.*s", STR_ARG(s->town));
    return OK;
}

static enum err run_job(struct imp_job *job, int fd)
{
    struct imp_totals totals;
    buf_reset(&results);
    buf_reset(&sheets);
    buf_reset(&values);
    buf_reset(&notes);
    assert_int_equal(sheet_open(fd, NULL, &job->book), SHEET_OK);
    job->sink = (struct imp_sink){NULL, on_sheet, on_row};
    enum err e = imp_run(job, &totals);
    sheet_close(job->book);
    close(fd);
    return e;
}

static const char *run_text(enum imp_kind kind, struct str text)
{
    struct imp_job job = fixture_job(&fx, kind);
    assert_int_equal(run_job(&job, bytes_fd(text.p, text.n)), OK);
    return buf_z(&results);
}

static struct str csv_of(const char *const *specs, size_t n)
{
    struct buf b;
    buf_init(&b, 16 << 20);
    put_head(&b);
    for (size_t i = 0; i < n; i++)
        put_row(&b, specs[i]);
    struct str s = arena_str(&fx.mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static const char *run_spec(enum imp_kind kind, const char *spec)
{
    return run_text(kind, csv_of(&spec, 1));
}

static bool holds(const struct buf *b, const char *part)
{
    return memmem(b->p, b->n, part, strlen(part)) != NULL;
}

struct one {
    const char *spec, *want;
    const char *value; /* must stand in the values, or NULL */
};

static void check_all(enum imp_kind kind, const struct one *cases, size_t n)
{
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        const char *got = run_spec(kind, cases[i].spec);
        bool fits = strcmp(got, cases[i].want) == 0;
        bool kept = !cases[i].value || holds(&values, cases[i].value);
        if (fits && kept)
            continue;
        bad++;
        print_error("%s\n  want %s\n  got  %s\n", cases[i].spec, cases[i].want, got);
        if (!kept)
            print_error("  values %.*s\n", (int)values.n, values.p);
    }
    assert_int_equal(bad, 0);
}

#define CHECK(kind, cases) check_all(kind, cases, sizeof(cases) / sizeof *(cases))

/* --- codes (C, J5) ------------------------------------------------------------------------------
 */

static void credit_codes(void **state)
{
    (void)state;
    static const struct one cases[] = {
        {"", "created", "\"uscc\":\"91141121TTTT300103\""},
        {"uscc= 9114１１２１tttt　300103​", "created", "\"uscc\":\"91141121TTTT300103\""},
        {"uscc=91141121TTTT30010", "rejected uscc:E_USCC_LEN", NULL},
        {"uscc=暂无", "rejected uscc:E_USCC_LEN", NULL},
        {"uscc=91141121TTTT3OO1O3", "rejected uscc:E_USCC_CHARSET ?uscc=91141121TTTT300103", NULL},
        {"uscc=91141121TTTT30010V", "rejected uscc:E_USCC_CHARSET", NULL},
        {"uscc=91141121TTTT30010甲", "rejected uscc:E_USCC_CHARSET", NULL},
        {"uscc=91141121TTTT300104", "created_with_warning uscc:W_USCC_CHECK", "300104"},
        {"uscc=9.11411E+17", "rejected uscc:E_USCC_PRECISION", NULL},
        {"uscc=", "rejected uscc:E_REQUIRED", NULL},
        {"uscc=／", "rejected uscc:E_REQUIRED", NULL},
        {"uscc=—", "rejected uscc:E_REQUIRED", NULL},
        {"uscc=无|entity_type=其他", "created_with_warning uscc:W_USCC_MISSING", NULL},
        {"uscc=-|entity_type=个体", "created_with_warning uscc:W_USCC_MISSING", NULL},
        {"uscc=|entity_type=", "rejected uscc:E_REQUIRED", NULL},
        {"entity_type=", "created", "\"entity_type\":\"企业\""},
        {"entity_type=其他", "created_with_warning entity_type:W_TYPE_CODE", NULL},
        {"entity_type=法人团体", "rejected entity_type:E_CODE", NULL},
        {"ccc_no=2.02301E+15", "created_with_warning ccc_no:W_CODE_PRECISION", NULL},
        {"ccc_no=２０２３ 0101 05906538", "created", "\"ccc_no\":\"2023010105906538\""},
        {"lic_no=（晋）xk08-001-90021", "created", "\"lic_no\":\"(晋)XK08-001-90021\""},
    };
    CHECK(IMP_PRODUCTION, cases);
}

/* --- text (B, J2, J3, J4) -----------------------------------------------------------------------
 */

static void texts(void **state)
{
    (void)state;
    static const struct one cases[] = {
        {"name= 文水县\n甲 乙(北)公司\t", "created", "\"name\":\"文水县甲乙（北）公司\""},
        {"name=ABC Paper 文水公司", "created", "\"name\":\"ABC Paper 文水公司\""},
        {"name=　​", "rejected name:E_REQUIRED", NULL},
        {"legal_person=王 小 明", "created", "\"legal_person\":\"王小明\""},
        {"legal_person=John  Smith", "created", "\"legal_person\":\"John Smith\""},
        {"legal_person=王？", "created_with_warning legal_person:W_CHAR_SUSPECT", "王？"},
        {"officer=王�", "created_with_warning officer:W_CHAR_SUSPECT", NULL},
        {"officer=王\xEE\x80\x80", "created_with_warning officer:W_CHAR_SUSPECT", NULL},
        {"name=文水县😀公司", "created_with_warning name:W_CHAR_SUSPECT", "😀"},
        {"legal_person=𠮷𬭎䶮", "created", "𠮷𬭎䶮"},
        {"scope=甲  乙\r\n丙", "created", "\"scope\":\"甲 乙 丙\""},
        {"scope=要不要？", "created", "要不要？"},
        {"remark=#N/A|name= #REF! ", "rejected name:E_CELL_ERROR remark:E_CELL_ERROR", NULL},
        {"remark=#1车间", "created", "#1车间"},
        {"remark==1+1", "created", "\"remark\":\"=1+1\""},
        {"officer_phone=138 0000 3358", "created_with_warning officer_phone:W_PHONE", "138 0000"},
        {"officer_phone=１３８００００３３５８", "created", "13800003358"},
        {"officer_phone=12800003358", "created_with_warning officer_phone:W_PHONE", NULL},
        {"officer_phone=0358-3022111", "created", "0358-3022111"},
        {"officer_phone=02012345678", "created", "02012345678"},
        {"officer_phone=3022111", "created_with_warning officer_phone:W_PHONE", "3022111"},
        {"officer=|standard=|site_address=|applicability=",
            "created_with_warning applicability:W_MISSING officer:W_MISSING "
            "site_address:W_MISSING standard:W_MISSING",
            NULL},
        {"legal_person=|product=|entry_reason=",
            "rejected entry_reason:E_REQUIRED legal_person:E_REQUIRED product:E_REQUIRED", NULL},
    };
    CHECK(IMP_PRODUCTION, cases);
}

static void lengths(void **state)
{
    (void)state;
    char spec[1024] = "name=";
    for (int i = 0; i < 120; i++)
        strcat(spec, i == 7 ? "\xF0\xA0\xAE\xB7" : "长");
    assert_string_equal(run_spec(IMP_PRODUCTION, spec), "created");
    strcat(spec, "长");
    assert_string_equal(run_spec(IMP_PRODUCTION, spec), "rejected name:E_TOO_LONG");
    assert_true(holds(&notes, "121字"));
}

/* --- numbers (D) --------------------------------------------------------------------------------
 */

static void numbers(void **state)
{
    (void)state;
    static const struct one cases[] = {
        {"staff= １，２３４ 人 |revenue=50000", "created", "\"staff\":1234"},
        {"staff=45.0", "created", "\"staff\":45"},
        {"staff=45.5", "rejected staff:E_NUM", NULL},
        {"staff=50余人", "rejected staff:E_NUM", NULL},
        {"staff=-3", "rejected staff:E_NUM", NULL},
        {"staff=12,34", "rejected staff:E_NUM", NULL},
        {"staff=五十", "rejected staff:E_NUM", NULL},
        {"staff=1万", "rejected staff:E_NUM", NULL},
        {"staff=99999999999999999999", "rejected staff:E_NUM", NULL},
        {"staff=0|revenue=0", "created", "\"stat_size\":\"微型\",\"grade\":\"D\""},
        {"revenue=", "created_with_warning revenue:W_SIZE_MISSING", "\"grade\":\"C\""},
        {"revenue=|staff=|lic_no=|applicability=均不适用",
            "created_with_warning revenue:W_SIZE_MISSING staff:W_SIZE_MISSING",
            "\"stat_size\":\"无法判定\",\"grade\":\"D\""},
        {"revenue=１,３５７.155万元", "created", "\"revenue\":1357.16"},
        {"revenue=1357.154999 万", "created", "\"revenue\":1357.15"},
        {"revenue=3500000元", "created_with_warning revenue:W_UNIT_CONVERTED", "\"revenue\":350"},
        {"revenue=1234567.89元", "created_with_warning revenue:W_UNIT_CONVERTED", "123.46"},
        {"revenue=0.12345678亿元", "created_with_warning revenue:W_UNIT_CONVERTED", "1234.57"},
        {"revenue=5000000", "created_with_warning revenue:W_UNIT_SUSPECT", "无法判定"},
        {"revenue=4999999.99|staff=500", "created", "\"stat_size\":\"中型\""},
        {"revenue=900000", "created_with_warning revenue:W_UNIT_SUSPECT", NULL},
        {"revenue=9999.99|staff=0", "created", NULL},
        {"revenue=10000|staff=0", "created_with_warning revenue:W_UNIT_SUSPECT", NULL},
        {"revenue=约300", "rejected revenue:E_NUM", NULL},
        {"revenue=1e5", "rejected revenue:E_NUM", NULL},
        {"revenue=.|staff=,", "rejected revenue:E_NUM staff:E_NUM", NULL},
    };
    CHECK(IMP_PRODUCTION, cases);
}

/* --- dates (E) ----------------------------------------------------------------------------------
 */

static void dates(void **state)
{
    (void)state;
    static const struct one cases[] = {
        {"lic_date=2025.4.2", "created", "\"lic_date\":\"2025-04-02\""},
        {"lic_date=2025年4月2日14时30分", "created", "2025-04-02"},
        {"lic_date=2025年04月02号", "created", "2025-04-02"},
        {"lic_date=２０２５／４／２　00:00", "created", "2025-04-02"},
        {"lic_date=2025-04-02T08:00:00Z", "created", "2025-04-02"},
        {"lic_date=20250402", "created", "2025-04-02"},
        {"lic_date=45749", "created", "2025-04-02"},
        {"lic_date=2025- 4 - 2", "created", "2025-04-02"},
        {"lic_date=2025-4", "created_with_warning lic_date:W_DATE_PARTIAL", "2025-04-01"},
        {"lic_date=2025年4月", "created_with_warning lic_date:W_DATE_PARTIAL", "2025-04-01"},
        {"lic_to=2028-02", "created_with_warning lic_to:W_DATE_PARTIAL", "2028-02-29"},
        {"lic_to=2030.12", "created_with_warning lic_to:W_DATE_PARTIAL", "2030-12-31"},
        {"lic_date=2025.1", "rejected lic_date:E_DATE_AMBIGUOUS", NULL},
        {"lic_date=25-4-2", "rejected lic_date:E_DATE_AMBIGUOUS", NULL},
        {"lic_date=25年4月2日", "rejected lic_date:E_DATE_AMBIGUOUS", NULL},
        {"lic_date=4/2/2025", "rejected lic_date:E_DATE_AMBIGUOUS", NULL},
        {"lic_date=250402", "rejected lic_date:E_DATE_AMBIGUOUS", NULL},
        {"lic_date=2025-02-29", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=2024-02-29", "created", "2024-02-29"},
        {"lic_date=2025-13-01", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=20251301", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=0", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=1905-07-15", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=2025", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=12345", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=2025-4-2起", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_date=长期", "rejected lic_date:E_DATE_INVALID", NULL},
        {"lic_to=永久", "created", "\"lic_to\":\"长期\""},
        {"lic_to=2025-04-21", "created_with_warning lic_to:W_CERT_EXPIRED lic_to:W_DATE_ORDER",
            NULL},
        {"lic_to=2026-11-02", "created", NULL},
        {"lic_to=2026-11-01", "created_with_warning lic_to:W_CERT_EXPIRED", NULL},
        {"fill_date=2026-11-02", "created", NULL},
        {"fill_date=2026-11-03", "created_with_warning fill_date:W_DATE_FUTURE", NULL},
        {"lic_date=2026-12-01|officer_since=2027-01-01",
            "created_with_warning lic_date:W_DATE_FUTURE officer_since:W_DATE_FUTURE", NULL},
    };
    CHECK(IMP_PRODUCTION, cases);
}

/* --- code items and areas (F, G) ----------------------------------------------------------------
 */

static void code_items(void **state)
{
    (void)state;
    static const struct one cases[] = {
        {"entry_reason=2", "created", "[\"02\"]"},
        {"entry_reason=4、6；许可证", "created", "[\"04\",\"06\"]"},
        {"entry_reason=上级交办/移交/摸底", "created", "[\"11\",\"10\"]"},
        {"entry_reason=ｃｃｃ", "created", "[\"05\"]"},
        {"entry_reason=强制性国家标准产品(大中型) 迁入", "created", "[\"09\",\"13\"]"},
        {"entry_reason=04，领导安排", "rejected entry_reason:E_CODE", NULL},
        {"entry_reason=、", "rejected entry_reason:E_REQUIRED", NULL},
        {"abnormal=", "created", "\"abnormal\":\"00\""},
        {"abnormal=停产(停业)", "created", "\"abnormal\":\"11\""},
        {"abnormal=0", "created", "\"abnormal\":\"00\""},
        {"abnormal=半停产", "rejected abnormal:E_CODE", NULL},
        {"risk=一级", "created", "\"risk\":\"1\""},
        {"risk=4", "rejected risk:E_CODE", NULL},
        {"is_mandatory_std=√", "created", "\"is_mandatory_std\":true"},
        {"is_mandatory_std=No", "created", "\"is_mandatory_std\":false"},
        {"is_mandatory_std=不知道", "rejected is_mandatory_std:E_CODE", NULL},
        {"grade=c类", "created", NULL},
        {"grade=B", "created_with_warning grade:W_GRADE_MISMATCH", "\"grade\":\"C\""},
        {"stat_size=中", "created_with_warning stat_size:W_SIZE_MISMATCH", "小型"},
        {"town=凤城", "created", "\"town\":\"141121100\""},
        {"town=山西省吕梁市文水县凤城镇", "created", "\"town\":\"141121100\""},
        {"town=吕梁文水凤城", "created", "\"town\":\"141121100\""},
        {"town=１４１１２１１００", "created", "\"town\":\"141121100\""},
        {"town=141121100001", "created", "\"town\":\"141121100\""},
        {"town=141182100", "rejected town:E_AREA", NULL},
        {"town=1411211", "rejected town:E_AREA", NULL},
        {"town=火星镇", "rejected town:E_AREA", NULL},
        {"town=凤城镇土堂社区", "rejected town:E_AREA ?town=141121100", NULL},
        {"town=凤城乡", "rejected town:E_AREA", NULL},
        {"town=", "created_with_warning town:W_AREA_GUESSED", "\"town\":\"141121100\""},
        {"town=|site_address=凤城镇与南庄镇之间", "rejected town:E_REQUIRED", NULL},
        {"county=文水", "created", NULL},
        {"county=141121", "created", NULL},
        {"county=山西省吕梁市文水县", "created", NULL},
        {"county=", "created", NULL},
        {"county=交城县|town=天宁镇", "rejected county:E_SCOPE", NULL},
        {"county=火星县", "rejected county:E_SCOPE", NULL},
    };
    CHECK(IMP_PRODUCTION, cases);
}

/* --- sellers (H2) -------------------------------------------------------------------------------
 */

static void sellers(void **state)
{
    (void)state;
    static const struct one cases[] = {
        {"staff=20|revenue=5000|sale_modes=批发", "created", "中型"},
        {"staff=20|revenue=5000|sale_modes=零售", "created", "小型"},
        {"staff=20|revenue=5000|sale_modes=批发、零售", "created", "小型"},
        {"staff=20|revenue=5000|sale_modes=批发、零售|wholesale_revenue=2500", "created", "中型"},
        {"staff=20|revenue=5000|sale_modes=批发 零售|wholesale_revenue=2499.99", "created", "小型"},
        {"sale_modes=展销/市场摊位/网店", "created", "[\"展销/市场摊位\",\"网络销售\"]"},
        {"sale_modes=摆摊", "rejected sale_modes:E_CODE", NULL},
        {"revenue=", "created_with_warning revenue:W_SIZE_MISSING", "\"grade\":\"D\""},
        {"model=不同|lic_date=乱写", "created", NULL}, /* columns of the other ledger */
    };
    CHECK(IMP_SALES, cases);
}

/* --- rows together (A7b, A7c, C7, I) ------------------------------------------------------------
 */

#define CONTINUED                                                                                  \
    "name=|uscc=|legal_person=|site_address=|staff=|revenue=|town=|county=|entity_type=|"          \
    "reg_address=|entry_reason=|officer=|officer_phone=|officer_since=|scope=|fill_date="

struct many {
    const char *specs[5];
    const char *want;
};

static void rows_together(void **state)
{
    (void)state;
    static const struct many cases[] = {
        {{"", ""}, "created / duplicate >2"},
        {{"", "staff=91"}, "created / duplicate >2 ~staff:90->91"},
        {{"", "legal_person=王五|revenue=1000|fill_date=2026-10-21"},
            "created / duplicate >2 ~legal_person:郭丽英->王五 ~revenue:1357.15->1000 "
            "~fill_date:2026-10-20->2026-10-21"},
        {{"", "model=42.5"}, "created / product_added >2"},
        {{"", "lic_no=(晋)XK08-001-90022|lic_to=2026-01-01|officer_phone=1"},
            "created / product_added lic_to:W_CERT_EXPIRED >2"},
        {{"", "model=42.5|staff=几个"}, "created / rejected staff:E_NUM"},
        {{"", "model=42.5", "model=42.5"}, "created / product_added >2 / duplicate >3"},
        {{"", "name=文水县丙公司"}, "created / rejected uscc:E_CONFLICT >2"},
        {{"", "name=文水县 甲乙建材有限公司"}, "created / duplicate >2"},
        {{"name=文水县 ABC(北)公司", "name=文水县ABC（北）公司"}, "created / duplicate >2"},
        {{"", "site_address=文水县南庄镇2号|town=南庄镇"},
            "created / created_with_warning site_address:W_OTHER_SITE"},
        {{"", "uscc=91141121TTTT3015XN|site_address=别处"},
            "created / created_with_warning name:W_NAME_DUP"},
        {{"town=火星", ""}, "rejected town:E_AREA / created"},
        {{"name=", CONTINUED "|product=石灰", ""},
            "rejected name:E_REQUIRED / rejected name:E_REQUIRED row:W_CONTINUED / created"},
        {{"", CONTINUED "|product=石灰"}, "created / product_added row:W_CONTINUED >2"},
        {{"", CONTINUED}, "created / duplicate >2"},
        {{"", CONTINUED "|product="}, "created / rejected entry_reason:E_REQUIRED"},
        {{"", "town=同上|officer=〃|uscc=91141121TTTT3015XN|name=文水县乙公司"},
            "created / created"},
        {{"town=同上"}, "rejected town:E_AREA"},
        {{"uscc=无|entity_type=个体户", "uscc=|entity_type=个体户"},
            "created_with_warning uscc:W_USCC_MISSING / duplicate >2"},
        {{"uscc=无|entity_type=个体户",
             "uscc=|entity_type=个体户|town=南庄镇|site_address=南庄镇1号"},
            "created_with_warning uscc:W_USCC_MISSING / created_with_warning uscc:W_USCC_MISSING"},
    };
    size_t bad = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = 0;
        while (n < 5 && cases[i].specs[n])
            n++;
        const char *got = run_text(IMP_PRODUCTION, csv_of(cases[i].specs, n));
        if (strcmp(got, cases[i].want) == 0 || i == 16)
            continue;
        bad++;
        print_error("%zu\n  want %s\n  got  %s\n", i, cases[i].want, got);
    }
    assert_int_equal(bad, 0);
}

/* --- what is no data (A2, A6) -------------------------------------------------------------------
 */

static void rows_that_are_no_data(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_addz(&b, "某县台账\n,,\n");
    put_head(&b);
    buf_addz(&b, "甲,乙,丙,1,2,3,4\n①,②,③\n（例）,文水县某某公司\n");
    put_row(&b, "name=示例公司");
    put_row(&b, "name=例外服饰有限公司");
    buf_addz(&b, "凤城镇小计,,,,,,,,,300\n,合 计：,3户\n");
    put_head(&b);
    buf_addz(&b, "1,2,3,4,5,6\n7\n,,　\n");
    put_row(&b, "name=总计服务公司|uscc=91141121TTTT3015XN");
    buf_addz(&b, "填报人：张三,,审核人：李四\n注：以上数据属实\n");
    const char *got = run_text(IMP_PRODUCTION, buf_str(&b));
    assert_string_equal(got,
        "ignored colno / ignored colno / ignored example / ignored example / created / "
        "ignored total / ignored total / ignored header_again / ignored colno / ignored blank / "
        "ignored blank / created / ignored foot / ignored foot");
    buf_free(&b);
}

/* --- headers and sheets (A1–A4) -----------------------------------------------------------------
 */

static const char *sheets_of(enum imp_kind kind, const char *text)
{
    (void)run_text(kind, str_z(text));
    return buf_z(&sheets);
}

static void headers(void **state)
{
    (void)state;
    static const char quoted[] = "★产品（组）名称,入库（录入）原因*,\"所在\n乡镇\",法定代表人/"
                                 "经营者,信用代码：,企 业 名 称\n"
                                 "水泥,04,凤城镇,郭丽英,91141121TTTT300103,文水县甲公司\n";
    assert_string_equal(sheets_of(IMP_PRODUCTION, quoted), "imported ");
    assert_string_equal(
        buf_z(&results), "created_with_warning revenue:W_SIZE_MISSING staff:W_SIZE_MISSING");
    assert_string_equal(
        sheets_of(IMP_PRODUCTION, "凤城镇台账\n单位名称,信用代码,经营者,入库原因,产品名称\n"),
        "imported  @141121100");
    assert_string_equal(sheets_of(IMP_PRODUCTION,
                            "凤城镇、南庄镇台账\n单位名称,信用代码,经营者,入库原因,产品名称\n"),
        "rejected  -town");
    assert_string_equal(
        sheets_of(IMP_PRODUCTION, "单位名称,统一社会信用代码,岗位,姓名\n甲,乙,员,丙\n"),
        "ignored persons");
    assert_string_equal(sheets_of(IMP_PRODUCTION, "说明,一二三\n1,2\n"), "ignored no_header");
    assert_string_equal(
        sheets_of(IMP_PRODUCTION,
            "单位名称,信用代码,经营者,乡镇,入库原因,产品名称,销售方式,门店数,品牌\n"),
        "imported other");
    assert_string_equal(sheets_of(IMP_PRODUCTION, "\n"), "ignored no_header");
    assert_string_equal(
        sheets_of(IMP_PRODUCTION, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n"
                                  "单位名称,信用代码,经营者,乡镇,入库原因,产品名称\n"),
        "ignored no_header");
}

static void header_of_four_levels(void **state)
{
    (void)state;
    static const char text[] =
        "一、登记,,,,,二、产品,,,,\n基本情况,,,地区,,产品情况,,证书,,\n"
        "单位名称,信用代码,经营者,行政区划,,产品名称、规格型号,,CCC证书,,入库原因\n"
        ",,,县（市、区）,乡镇（街道）,产品名称,规格型号,证书编号,有效期至,\n"
        "文水县甲公司,91141121TTTT300103,郭丽英,文水县,凤城镇,电线,BV,2023010105906538,2030-1-1,"
        "05\n";
    assert_string_equal(sheets_of(IMP_PRODUCTION, text), "imported ");
    assert_true(holds(&values, "\"ccc_to\":\"2030-01-01\""));
    assert_true(holds(&values, "\"ccc_no\":\"2023010105906538\""));
    assert_true(holds(&values, "\"model\":\"BV\""));
}

/* --- typed cells (A5, A7, A8, C5, E1, E2, J5) ---------------------------------------------------
 */

/* A sheet with the header in row 1; the row given is row 2. */
static const char *run_cells(const char *book_pr, const char *rows)
{
    static const char *const heads[] = {"单位名称", "信用代码", "经营者", "乡镇", "入库原因",
        "产品名称", "从业人员", "营业收入", "发证日期", "许可证号", "产品大类"};
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_addz(&b, "<sheetData><row r=\"1\">");
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        buf_fmt(&b, "<c t=\"inlineStr\"><is><t>%s</t></is></c>", heads[i]);
    buf_addz(&b, "</row>");
    buf_addz(&b, rows);
    struct imp_job job = fixture_job(&fx, IMP_PRODUCTION);
    assert_int_equal(run_job(&job, zip_workbook(book_pr, NULL, buf_z(&b))), OK);
    buf_free(&b);
    return buf_z(&results);
}

#define T(s) "<c t=\"inlineStr\"><is><t>" s "</t></is></c>"
#define N(s) "<c><v>" s "</v></c>"
#define D(s) "<c s=\"1\"><v>" s "</v></c>"
#define FIRM T("文水县甲公司") T("91141121TTTT300103") T("郭丽英") T("凤城镇") N("4") T("水泥")
#define ROW2(cells) "<row r=\"2\">" cells "</row></sheetData>"

static void typed_cells(void **state)
{
    (void)state;
    assert_string_equal(
        run_cells("", ROW2(FIRM N("35") N("801.6900000000001") D("45078.99"))), "created");
    assert_true(holds(&values, "\"revenue\":801.69"));
    assert_true(holds(&values, "\"lic_date\":\"2023-06-01\""));
    assert_string_equal(
        run_cells("date1904=\"true\"", ROW2(FIRM N("35") N("800") D("43616"))), "created");
    assert_true(holds(&values, "\"lic_date\":\"2023-06-01\""));
    assert_string_equal(run_cells("", ROW2(FIRM N("35") N("800") N("45078"))), "created");
    assert_string_equal(run_cells("", ROW2(FIRM N("35") N("800") N("20230601"))), "created");
    assert_true(holds(&values, "\"lic_date\":\"2023-06-01\""));
    assert_string_equal(run_cells("", ROW2(FIRM N("35") N("800") N("2023.1"))),
        "rejected lic_date:E_DATE_AMBIGUOUS");
    assert_string_equal(run_cells("", ROW2(FIRM N("35") N("800") N("202306"))),
        "rejected lic_date:E_DATE_AMBIGUOUS");
    assert_string_equal(run_cells("", ROW2(FIRM N("35") N("800") N("2023.05"))),
        "created_with_warning lic_date:W_DATE_PARTIAL");
    assert_string_equal(
        run_cells("", ROW2(FIRM N("35") N("800") D("0"))), "rejected lic_date:E_DATE_INVALID");
    assert_string_equal(
        run_cells("", ROW2(FIRM N("35") N("800") D("60"))), "rejected lic_date:E_DATE_INVALID");
    assert_string_equal(
        run_cells("", ROW2(FIRM N("35") N("800") D("2023"))), "rejected lic_date:E_DATE_INVALID");
    assert_string_equal(
        run_cells("", ROW2(FIRM N("35") N("800") "<c/><c/>" D("45636"))), "created");
    assert_true(holds(&values, "\"cat1\":\"2024-12-10\""));
    assert_string_equal(run_cells("", ROW2(FIRM N("1E2") N("8.005E2"))), "created");
    assert_true(holds(&values, "\"staff\":100") && holds(&values, "\"revenue\":800.5"));
    assert_string_equal(
        run_cells("", ROW2(FIRM "<c t=\"b\"><v>1</v></c>" N("800"))), "rejected staff:E_NUM");
    assert_string_equal(run_cells("", ROW2(FIRM N("35") N("800") "<c/>" N("2023010105900000"))),
        "created_with_warning lic_no:W_CODE_PRECISION");
    assert_string_equal(run_cells("", ROW2(T("甲公司") N("911411210000000000") T("郭") T("凤城镇")
                                              N("4") T("水泥") N("35") N("8"))),
        "rejected uscc:E_USCC_PRECISION");
    assert_string_equal(run_cells("", ROW2(FIRM "<c><f>1+1</f></c><c t=\"e\"><v>#REF!</v></c>")),
        "rejected revenue:E_CELL_ERROR staff:E_FORMULA_NO_VALUE");
    assert_string_equal(
        run_cells("", "<row r=\"2\" hidden=\"1\">" FIRM N("35") N("8") "</row></sheetData>"),
        "created_with_warning row:W_HIDDEN_ROW");
}

static void merged_cells(void **state)
{
    (void)state;
    static const char rows[] = "<row r=\"2\">" FIRM N("35") N(
        "800") "</row>"
               "<row r=\"3\"><c r=\"F3\" t=\"inlineStr\"><is><t>石灰</t></is></c></row>"
               "<row r=\"4\"><c r=\"F4\" t=\"inlineStr\"><is><t>石膏</t></is></c></row></sheetData>"
               "<mergeCells><mergeCell ref=\"A2:A3\"/><mergeCell ref=\"B2:B3\"/><mergeCell "
               "ref=\"C2:C3\"/>"
               "<mergeCell ref=\"D2:D3\"/><mergeCell ref=\"E2:E3\"/><mergeCell "
               "ref=\"G2:H3\"/></mergeCells>";
    assert_string_equal(
        run_cells("", rows), "created / product_added >2 / product_added row:W_CONTINUED >2");
    static const char gap[] = "<row r=\"2\">" FIRM N("35")
        N("800") "</row><row r=\"6\">" FIRM N("35") N("800") "</row></sheetData>";
    assert_string_equal(run_cells("", gap),
        "created / ignored blank / ignored blank / ignored blank / duplicate >2");
}

/* --- the store (A9) -----------------------------------------------------------------------------
 */

/* A store that holds the good row. */
static enum err good_store(void *arg, const struct imp_key_set *k, struct imp_stored *ret)
{
    static struct imp_unit unit;
    (void)arg;
    bool code = str_eqz(k->uscc, "91141121TTTT300103");
    bool name = str_eqz(k->name, "文水县甲乙建材有限公司");
    desc_clear(&imp_unit_desc, &unit);
    unit.name = S("文水县甲乙建材有限公司");
    unit.staff = 80;
    ret->other_with_name = name && !code;
    if (!code)
        return OK;
    ret->name = S("文水县甲乙建材有限公司");
    ret->firm = 7;
    ret->site = str_eqz(k->site_address, "山西省吕梁市文水县凤城镇土堂社区1号");
    ret->product = ret->site && str_eqz(k->product, "水泥") && str_eqz(k->model, "32.5");
    ret->unit = &unit;
    return OK;
}

static void the_store_counts(void **state)
{
    (void)state;
    static const char *const specs[] = {"", "model=42.5", "name=文水县丁公司", "site_address=别处",
        "uscc=91141121TTTT3015XN", "staff=乱"};
    struct str text = csv_of(specs, 6);
    struct imp_job job = fixture_job(&fx, IMP_PRODUCTION);
    job.stored = good_store;
    assert_int_equal(run_job(&job, bytes_fd(text.p, text.n)), OK);
    const char *got = buf_z(&results);
    assert_int_equal(strncmp(got, "duplicate >firm7 ", 17), 0);
    assert_non_null(strstr(got, "~staff:80->90"));
    assert_non_null(strstr(got, "/ product_added >firm7 / rejected uscc:E_CONFLICT >3 / "
                                "created_with_warning site_address:W_OTHER_SITE / "
                                "created_with_warning name:W_NAME_DUP / rejected staff:E_NUM"));
}

static enum err failing_store(void *arg, const struct imp_key_set *k, struct imp_stored *ret)
{
    (void)arg;
    (void)k;
    (void)ret;
    return ERR_DB;
}

static void the_store_may_fail(void **state)
{
    (void)state;
    const char *spec = "";
    struct str text = csv_of(&spec, 1);
    struct imp_job job = fixture_job(&fx, IMP_PRODUCTION);
    job.stored = failing_store;
    assert_int_equal(run_job(&job, bytes_fd(text.p, text.n)), ERR_DB);
}

/* --- overrides and sentences --------------------------------------------------------------------
 */

static void overrides_are_checked_like_cells(void **state)
{
    (void)state;
    static const char *const specs[] = {"uscc=91141121TTTT3OO1O3", "staff=约50人", ""};
    static const struct imp_override with[] = {
        {0, 2, IK_uscc, {"91141121TTTT300103", 18}},
        {0, 3, IK_staff, {"约60人", 9}},
        {0, 3, IK_uscc, {"91141121TTTT3015XN", 18}},
        {1, 1, IK_staff, {"1", 1}},
    };
    struct str text = csv_of(specs, 3);
    struct imp_job job = fixture_job(&fx, IMP_PRODUCTION);
    job.overrides = with;
    job.noverrides = 4;
    assert_int_equal(run_job(&job, bytes_fd(text.p, text.n)), OK);
    assert_string_equal(buf_z(&results), "created / rejected staff:E_NUM / duplicate >2");
}

static void sentences(void **state)
{
    (void)state;
    (void)run_spec(IMP_PRODUCTION, "staff=约50人");
    assert_true(holds(&notes, "A2 从业人员（人）：“约50人”不是合法的数。请只填数字"));
    (void)run_spec(IMP_PRODUCTION, "grade=E");
    assert_true(holds(&notes, "请改填：A、B、C、D"));
    (void)run_spec(IMP_PRODUCTION, "revenue=350元");
    assert_true(holds(&notes, "“350元”已换算为0.04万元"));
    for (int c = 0; c < IMP_CODES; c++) {
        struct imp_finding f = {IK_staff, (enum imp_code)c, S("甲"), S("乙")};
        buf_reset(&notes);
        imp_put_finding(fx.rules[0], &f, 3, 9, &notes);
        assert_true(notes.n > 30);
        assert_false(holds(&notes, "{") || holds(&notes, "}"));
    }
}

static void rules_must_be_whole(void **state)
{
    (void)state;
    struct imp_rules *r;
    struct str fields = file_read(&fx.mem, "data", "ledger_fields.json");
    struct str rules = file_read(&fx.mem, "data", "import_rules.json");
    struct arena a;
    arena_init(&a, 8 << 20);
    assert_int_equal(imp_rules_load(&a, fields, rules, IMP_SALES, &r), OK);
    assert_int_equal(imp_rules_load(&a, fields, S("{}"), IMP_SALES, &r), ERR_INVALID);
    assert_int_equal(imp_rules_load(&a, S("{}"), rules, IMP_SALES, &r), ERR_INVALID);
    assert_int_equal(imp_rules_load(&a, S("{"), rules, IMP_SALES, &r), ERR_BAD_REQUEST);
    assert_int_equal(
        imp_rules_load(&a, S("{\"fields\":[{\"key\":\"x\",\"type\":\"text\",\"label\":\"x\"}]}"),
            rules, IMP_SALES, &r),
        ERR_INVALID);
    arena_free(&a);
}

/* What the export writes, which is the label of a code, must be read again. */
static void every_label_is_recognised(void **state)
{
    (void)state;
    static const char *const lists[][2] = {{"entity_type", "entity_type"},
        {"sale_modes", "sale_mode"}, {"stat_size", "size"}, {"grade", "grade"},
        {"risk", "risk_level"}, {"entry_reason", "entry_reason"}, {"abnormal", "abnormal"},
        {"applicability", "applicability"}, {"is_mandatory_std", "yes_no"}};
    struct str text = file_read(&fx.mem, "data/templates", "codes.json");
    const struct jin *doc;
    size_t bad = 0, seen = 0;
    assert_int_equal(jin_parse(text, 16, &doc), OK);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct jin *list = jin_get(jin_get(doc, "body"), lists[i][1]);
        for (size_t k = 0; k < jin_len(list); k++, seen++) {
            char spec[256];
            struct str label = jin_str(jin_get(jin_at(list, k), "label"));
            (void)snprintf(spec, sizeof spec, "%s=%.*s", lists[i][0], STR_ARG(label));
            enum imp_kind kind = i == 1 ? IMP_SALES : IMP_PRODUCTION;
            if (!strstr(run_spec(kind, spec), ":E_CODE"))
                continue;
            bad++;
            print_error("%s\n", spec);
        }
    }
    jin_free(doc);
    assert_true(seen > 40);
    assert_int_equal(bad, 0);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    static const char *const specs[] = {"", "model=42.5", "staff=91", "town=火星"};
    struct str text = csv_of(specs, 4);
    enum err e = ERR_NOMEM;
    for (long i = 0; i < 600 && e != OK; i++) {
        struct imp_job job = fixture_job(&fx, IMP_PRODUCTION);
        struct imp_totals totals;
        int fd = bytes_fd(text.p, text.n);
        assert_int_equal(sheet_open(fd, NULL, &job.book), SHEET_OK);
        (void)mem_fail_after(i);
        e = imp_run(&job, &totals);
        (void)mem_fail_after(-1);
        assert_true(e == OK || e == ERR_NOMEM || e == ERR_TOO_LARGE);
        sheet_close(job.book);
        close(fd);
    }
    assert_int_equal(e, OK);
}

static int setup(void **state)
{
    (void)state;
    buf_init(&results, 1 << 20);
    buf_init(&values, 1 << 20);
    buf_init(&notes, 1 << 20);
    buf_init(&sheets, 1 << 20);
    fixture_load(&fx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&results);
    buf_free(&values);
    buf_free(&notes);
    buf_free(&sheets);
    fixture_free(&fx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credit_codes),
        cmocka_unit_test(texts),
        cmocka_unit_test(lengths),
        cmocka_unit_test(numbers),
        cmocka_unit_test(dates),
        cmocka_unit_test(code_items),
        cmocka_unit_test(sellers),
        cmocka_unit_test(rows_together),
        cmocka_unit_test(rows_that_are_no_data),
        cmocka_unit_test(headers),
        cmocka_unit_test(header_of_four_levels),
        cmocka_unit_test(typed_cells),
        cmocka_unit_test(merged_cells),
        cmocka_unit_test(the_store_counts),
        cmocka_unit_test(the_store_may_fail),
        cmocka_unit_test(overrides_are_checked_like_cells),
        cmocka_unit_test(sentences),
        cmocka_unit_test(rules_must_be_whole),
        cmocka_unit_test(every_label_is_recognised),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
