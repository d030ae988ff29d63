/* Import of 附件2 without a store: writing 200,000 rows × 59 columns, reading them as a stream,
 * judging them by the rules. Each line is a JSON object; peak is the largest resident set so far
 * in KiB. Usage: bench_import_rules [rows] */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../tests/unit/feature/import_fixture.h"
#include "domain/uscc.h"
#include "render/table.h"

enum { COLS = 59 };

static const char *const heads[COLS] = {"序号", "单位名称", "统一社会信用代码", "主体类型",
    "法定代表人/经营者", "注册地址", "生产地址", "行政区划-省", "行政区划-市",
    "行政区划-县（市、区）", "行政区划-乡镇（街道）", "登记机关", "生产经营范围", "从业人员（人）",
    "年营业收入（万元）", "单位规模-统计规模", "单位规模-令规模", "级别",
    "监管层级、监管部门-监管层级", "监管层级、监管部门-监管部门", "监管责任人-姓名",
    "监管责任人-电话", "监管责任人-履职时间", "风险等级", "监管方式", "信用风险类别", "入库原因",
    "异常状态", "两个规定落实情况", "适用情形", "产品类别-大类", "产品类别-品种",
    "产品名称、规格型号-产品名称", "产品名称、规格型号-规格型号", "执行标准-标准号及名称",
    "执行标准-是否强标", "工业产品生产许可证-许可证号", "工业产品生产许可证-发证机关",
    "工业产品生产许可证-发证日期", "工业产品生产许可证-有效期至", "工业产品生产许可证-许可范围",
    "CCC证书-证书编号", "CCC证书-委托人/制造商/生产企业", "CCC证书-认证机构", "CCC证书-型号",
    "CCC证书-有效期至", "其他自愿认证/体系", "重点监管目录产品", "主要原材料/零部件及供应商",
    "填报-填报单位", "填报-填报人", "填报-填报日期", "现场审核-审核人", "现场审核-审核日期",
    "现场审核-审核意见", "确认入库-时间", "确认入库-层级", "与纸质档案一致", "备注"};

static struct fixture fx;
static uint64_t told[IMP_VERDICTS];

/* Processor time: one thread, and the machine may be shared. */
static double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *what, uint64_t rows, double seconds)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("{\"job\":\"%s\",\"rows\":%llu,\"seconds\":%.2f,\"rows_per_s\":%.0f,\"peak_kib\":%ld}\n",
        what, (unsigned long long)rows, seconds, (double)rows / seconds, u.ru_maxrss);
    (void)fflush(stdout);
}

/* "before" the number "after" */
static struct str text_of(char out[128], const char *before, unsigned long i, const char *after)
{
    int n = snprintf(out, 128, "%s%lu%s", before, i, after);
    return (struct str){out, n > 0 ? (size_t)n : 0};
}

static struct str code_of(char out[18], unsigned long i)
{
    char z[24];
    (void)snprintf(z, sizeof z, "91141121TTTT%05lu", i % 100000);
    z[8] = "TUWXYRQP"[i / 100000 % 8];
    memcpy(out, z, 17);
    out[17] = uscc_check_char((struct str){out, 17});
    return (struct str){out, 18};
}

/* Firms with one product each, every fourth with two. */
static void row_fill(struct table_cell *c, unsigned long row)
{
    static char z[12][128];
    static const struct {
        int col;
        const char *text;
    } fixed[] = {{3, "企业"}, {4, "郭丽英"}, {7, "山西省"}, {8, "吕梁市"}, {9, "文水县"},
        {10, "凤城镇"}, {11, "文水县市场监督管理局"},
        {12, "一般项目：食品包装用复合膜袋制造、销售。"}, {15, "小型"}, {16, "小型"}, {17, "C"},
        {18, "县"}, {19, "文水县市场监督管理局"}, {20, "薛国"}, {21, "13800003133"},
        {24, "双随机/触发式监管"}, {25, "低"}, {26, "设立质量安全总监、工业产品生产许可"},
        {27, "正常"}, {28, "已落实"}, {29, "许可证、强制性国家标准"},
        {30, "直接接触食品的材料等相关产品"}, {31, "食品用塑料包装容器工具等制品"},
        {32, "食品包装用复合膜袋"},
        {34, "GB 4806.7-2023 食品安全国家标准 食品接触用塑料材料及制品"}, {35, "是"},
        {37, "山西省市场监督管理局"}, {40, "食品用塑料包装容器工具等制品"}, {47, "是"},
        {48, "聚乙烯、聚酯膜、油墨"}, {49, "文水县市场监督管理局凤城镇执法中队"}, {50, "张锦芳"},
        {52, "任宏娟"}, {54, "现场与填报一致"}, {56, "所"}, {57, "是"}};
    unsigned long firm = row - row / 5;
    memset(c, 0, COLS * sizeof *c);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        c[fixed[i].col] = table_text(str_z(fixed[i].text));
    c[0] = table_num(TABLE_INT, (double)row + 1);
    c[1] = table_text(text_of(z[0], "文水县第", firm, "包装有限公司"));
    c[2] = table_text(code_of(z[1], firm));
    c[5] = table_text(text_of(z[2], "山西省吕梁市文水县凤城镇西旧村", firm, "号"));
    c[6] = c[5];
    c[13] = table_num(TABLE_INT, (double)(20 + firm % 250));
    c[14] = table_num(TABLE_MONEY, (double)(30000 + firm % 150000));
    c[22] = table_num(TABLE_DAY, 20000 + (double)(firm % 500));
    c[23] = table_num(TABLE_INT, 1);
    c[33] = table_text(text_of(z[3], "自立袋", row % 97, ""));
    c[36] = table_text(text_of(z[4], "(晋)XK16-204-", 10000 + row, ""));
    c[38] = table_num(TABLE_DAY, 19500 + (double)(row % 700));
    c[39] = table_num(TABLE_DAY, 21500 + (double)(row % 700));
    c[51] = table_num(TABLE_DAY, 20740);
    c[53] = table_num(TABLE_DAY, 20742);
    c[55] = table_num(TABLE_DAY, 20745);
}

static void write_ledger(enum table_kind kind, const char *path, unsigned long rows)
{
    struct table_col cols[COLS];
    struct table_cell cells[COLS];
    struct table_out *t;
    memset(cols, 0, sizeof cols);
    for (int i = 0; i < COLS; i++)
        cols[i].label = str_z(heads[i]);
    struct table_head head = {.sheet = S("台账"), .title = S("附件2"), .cols = cols, .ncols = COLS};
    double start = clock_now();
    enum err e = table_open(kind, path, &t);
    if (e)
        exit(1);
    e = table_sheet(t, &head);
    for (unsigned long i = 0; i < rows && !e; i++) {
        row_fill(cells, i);
        e = table_row(t, cells, COLS);
    }
    if (table_close(t, e) != OK)
        exit(1);
    say(kind == TABLE_XLSX ? "write xlsx" : "write csv", rows, clock_now() - start);
}

static bool count_row(void *arg, const struct sheet_row *row)
{
    *(uint64_t *)arg += row->n > 0;
    return true;
}

static enum err count_verdict(void *arg, const struct imp_row *r)
{
    (void)arg;
    told[r->verdict]++;
    return OK;
}

static struct sheet_book *open_book(const char *path, int *ret_fd)
{
    struct sheet_book *b;
    *ret_fd = open(path, O_RDONLY);
    if (*ret_fd < 0 || sheet_open(*ret_fd, NULL, &b) != SHEET_OK)
        exit(1);
    return b;
}

static void read_only(const char *what, const char *path)
{
    int fd;
    uint64_t rows = 0;
    double start = clock_now();
    struct sheet_book *b = open_book(path, &fd);
    if (sheet_read(b, 0, count_row, &rows) != SHEET_OK)
        exit(1);
    sheet_close(b);
    close(fd);
    say(what, rows, clock_now() - start);
}

static void judge(const char *what, const char *path)
{
    int fd;
    struct imp_totals totals;
    struct imp_job job = fixture_job(&fx, IMP_PRODUCTION);
    memset(told, 0, sizeof told);
    double start = clock_now();
    job.book = open_book(path, &fd);
    job.sink.row = count_verdict;
    if (imp_run(&job, &totals) != OK)
        exit(1);
    sheet_close(job.book);
    close(fd);
    uint64_t rows = 0;
    for (int v = 0; v < IMP_IGNORED; v++)
        rows += told[v];
    say(what, rows, clock_now() - start);
    printf("{\"created\":%llu,\"with_warning\":%llu,\"product_added\":%llu,\"duplicate\":%llu,"
           "\"rejected\":%llu}\n",
        (unsigned long long)told[0], (unsigned long long)told[1], (unsigned long long)told[2],
        (unsigned long long)told[3], (unsigned long long)told[4]);
}

int main(int argc, char **argv)
{
    unsigned long rows = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
    static char xlsx[] = "/tmp/zhian-bench-ledger.xlsx", csv[] = "/tmp/zhian-bench-ledger.csv";
    fixture_load(&fx);
    write_ledger(TABLE_XLSX, xlsx, rows);
    read_only("read xlsx", xlsx);
    judge("import xlsx", xlsx);
    write_ledger(TABLE_CSV, csv, rows);
    judge("import csv", csv);
    (void)unlink(xlsx);
    (void)unlink(csv);
    fixture_free(&fx);
    return 0;
}
