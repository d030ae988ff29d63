/* Makes workbooks by hand for the tests: any entry, any text, as files without a name. */
#ifndef TEST_ZIP_FIXTURE_H
#define TEST_ZIP_FIXTURE_H

#include <fcntl.h>
#include <minizip/zip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "render/sheet.h"

struct zipper {
    char path[64];
    zipFile zip;
};

static inline void zip_begin(struct zipper *z)
{
    (void)snprintf(z->path, sizeof z->path, "/tmp/zhian-test-XXXXXX");
    int fd = mkstemp(z->path);
    if (fd < 0)
        abort();
    close(fd);
    z->zip = zipOpen(z->path, APPEND_STATUS_CREATE);
    if (!z->zip)
        abort();
}

static inline void zip_put(struct zipper *z, const char *name, const void *p, size_t n)
{
    zip_fileinfo info = {0};
    int level = n ? 6 : 0, method = n ? Z_DEFLATED : 0;
    if (zipOpenNewFileInZip(z->zip, name, &info, NULL, 0, NULL, 0, NULL, method, level) != ZIP_OK ||
        zipWriteInFileInZip(z->zip, p, (unsigned)n) != ZIP_OK ||
        zipCloseFileInZip(z->zip) != ZIP_OK)
        abort();
}

static inline void zip_text(struct zipper *z, const char *name, const char *text)
{
    zip_put(z, name, text, strlen(text));
}

/* Closes the archive and returns a descriptor of it; the name is gone. */
static inline int zip_end(struct zipper *z)
{
    if (zipClose(z->zip, NULL) != ZIP_OK)
        abort();
    int fd = open(z->path, O_RDWR);
    (void)unlink(z->path);
    if (fd < 0)
        abort();
    return fd;
}

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define NS "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define RNS "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

/* Formats: 0 general, 1 date (14), 2 custom date, 3 duration in brackets, 4 text with a quoted d.
 */
#define STYLES                                                                                     \
    XML_HEAD "<styleSheet " NS "><numFmts>"                                                        \
             "<numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/>"       \
             "<numFmt numFmtId=\"165\" formatCode=\"[Red]0.00\"/>"                                 \
             "<numFmt numFmtId=\"166\" formatCode=\"0&quot;day&quot;\"/></numFmts>"                \
             "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"                                  \
             "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/>"            \
             "<xf numFmtId=\"165\"/><xf numFmtId=\"166\"/></cellXfs></styleSheet>"

/* The parts around one sheet named Sheet1; book_pr goes into the workbook's properties. */
static inline void zip_frame(struct zipper *z, const char *book_pr, const char *strings)
{
    char book[1024];
    zip_text(z, "_rels/.rels",
        XML_HEAD "<Relationships><Relationship Id=\"a\" Type=\"" REL
                 "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
    (void)snprintf(book, sizeof book,
        XML_HEAD "<workbook " NS " " RNS "><workbookPr %s/><sheets><sheet name=\"Sheet1\" "
                 "sheetId=\"1\" r:id=\"s1\"/></sheets></workbook>",
        book_pr);
    zip_text(z, "xl/workbook.xml", book);
    zip_text(z, "xl/_rels/workbook.xml.rels",
        XML_HEAD
        "<Relationships><Relationship Id=\"s1\" Type=\"" REL
        "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"s2\" Type=\"" REL
        "/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"s3\" "
        "Type=\"" REL "/styles\" Target=\"/xl/styles.xml\"/></Relationships>");
    zip_text(z, "xl/styles.xml", STYLES);
    if (strings)
        zip_text(z, "xl/sharedStrings.xml", strings);
}

/* A workbook of one sheet whose sheetData (and what follows it) is given. */
static inline int zip_workbook(const char *book_pr, const char *strings, const char *data)
{
    struct zipper z;
    zip_begin(&z);
    zip_frame(&z, book_pr, strings);
    size_t n = strlen(data) + 512;
    char *sheet = malloc(n);
    if (!sheet)
        abort();
    (void)snprintf(sheet, n, XML_HEAD "<worksheet " NS ">%s</worksheet>", data);
    zip_text(&z, "xl/worksheets/sheet1.xml", sheet);
    free(sheet);
    return zip_end(&z);
}

/* A file with these bytes. */
static inline int bytes_fd(const void *p, size_t n)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        abort();
    return fd;
}

#endif
