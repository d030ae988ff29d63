/* Runs a fuzz target over files, without libFuzzer: the corpora are replayed by every test run,
 * with gcc, in any configuration.
 *
 *   TARGET-replay FILE-OR-FOLDER...
 *
 * Every file is also run cut off at a few places, since half an input is the commonest bad one. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static long runs;

/* The input gets a heap block of exactly its size, so that a sanitizer sees a read past its end. */
static void run(const char *p, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy)
        abort();
    memcpy(copy, p, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    runs++;
}

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st)) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    size_t n = (size_t)st.st_size;
    char *text = malloc(n ? n : 1);
    if (!text || fread(text, 1, n, f) != n)
        abort();
    fclose(f);
    run(text, n);
    for (int i = 1; i < 8; i++)
        run(text, n * (size_t)i / 8);
    free(text);
    return 0;
}

static int run_path(const char *path)
{
    DIR *d = opendir(path);
    if (!d)
        return run_file(path);
    int bad = 0;
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char below[4096];
        snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.')
            bad |= run_file(below);
    }
    closedir(d);
    return bad;
}

int main(int argc, char **argv)
{
    int bad = 0;
    for (int i = 1; i < argc; i++)
        bad |= run_path(argv[i]);
    if (!runs) {
        fprintf(stderr, "nothing to replay\n");
        return 2;
    }
    printf("%ld inputs\n", runs);
    return bad;
}
