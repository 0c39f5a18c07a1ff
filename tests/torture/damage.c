/* damage.c: files that are cut short, at every byte, or have a bit changed, every one of them: refused with a message,
 * and nothing written; or, where the bit says nothing (a date, and the like), the same result to the last byte.
 *
 *   test_damage            some of each file's bytes and bits, evenly
 *   SPIRAL_EVERY_BYTE=1    all of them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "run.h"
#include "spiral/status.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SMALL "--points-per-class 4 "
#define TRAINING "-q --no-figures --hidden 3 --out out --iterations "
#define SWEEP "sweep " SMALL TRAINING "4 --lr 0.1,1 --jobs 1 --log-every 2"
#define ARRAYS "generate " SMALL "-o X.npy,y.npy", "train " TRAINING "4 --data X.npy,y.npy"

typedef struct Damaged {
    const char *file;          /* what is damaged */
    const char *const *before; /* command lines that make it, and what the command reads beside it; ends with NULL */
    const char *command;
    /* what is accepted has the result of the whole: by a checksum, compared with the command, or only drawn */
    bool same_result;
    bool text;       /* what is cut may be accepted: nothing in the file says where it ends */
    bool made_again; /* what was cut off is, all of it */
} Damaged;

static const Damaged damaged_files[] = {
    {.file = "out/model.npz",
     .before = LIST("generate " SMALL "-o x.csv", "train " TRAINING "4 --data x.csv --standardize"),
     .command = "predict -m out/model.npz --data x.csv -o y.csv -q",
     .same_result = true},
    {.file = "out/checkpoint.npz",
     .before = LIST("generate " SMALL "-o x.csv",
                    "train " TRAINING "4 --data x.csv --checkpoint-every 2 --optimizer momentum"),
     .command = "train " TRAINING "6 --data x.csv --optimizer momentum --resume out/checkpoint.npz",
     .same_result = true},
    {.file = "x.npz",
     .before = LIST("generate " SMALL "-o x.npz"),
     .command = "train " TRAINING "2 --data x.npz",
     .same_result = true},
    {.file = "X.npy", .before = LIST(ARRAYS), .command = "predict -m out/model.npz --data X.npy,y.npy -o y.csv -q"},
    {.file = "y.npy", .before = LIST(ARRAYS), .command = "predict -m out/model.npz --data X.npy,y.npy -o y.csv -q"},
    {.file = "x.csv",
     .before = LIST("generate " SMALL "-o x.csv", "train " TRAINING "4 --data x.csv"),
     .command = "predict -m out/model.npz --data x.csv -o y.csv -q",
     .text = true},
    {.file = "out/loss.csv",
     .before = LIST("train " SMALL TRAINING "4 --log-every 1"),
     .command = "plot --log out/loss.csv --size 200x200 -o x.png",
     .text = true},
    {.file = "out/results.csv", .before = LIST(SWEEP), .command = SWEEP " --resume", .text = true, .made_again = true},
    {.file = "out/curves.csv", .before = LIST(SWEEP), .command = SWEEP " --resume", .same_result = true, .text = true},
    {.file = "out/summary.json",
     .before = LIST("train " SMALL TRAINING "4"),
     .command = "report out -o r.html",
     .text = true},
    {.file = "out/sweep.json", .before = LIST(SWEEP), .command = SWEEP " --resume", .same_result = true, .text = true},
};
enum { COUNT = sizeof damaged_files / sizeof damaged_files[0] };

typedef struct Look {
    FILE *report;
    const Damaged *damaged;
    Folder before, after; /* without damage; after is what comes of it */
    size_t tried, accepted, wrong;
} Look;

static const FaultPlan no_faults = {.calls = 0};
static Folder found;

static void complain(Look *look, const char *how, size_t place, const Run *run, const char *what)
{
    look->wrong++;
    fprintf(look->report, "WRONG: %s, %s %zu: %s\n    exit code %d; %s\n", look->damaged->file, how, place, what,
            run->code, run->messages);
    fflush(look->report);
}

/* Is this what the folder holds, but for the damaged file, unless that was to be mended? */
static bool holds(const Look *look, const Folder *wanted, bool mended)
{
    if (found.count != wanted->count)
        return false;
    for (size_t i = 0; i < wanted->count; i++)
        if ((mended || strcmp(wanted->file[i].path, look->damaged->file) != 0) &&
            !folder_same(folder_find(&found, wanted->file[i].path), &wanted->file[i]))
            return false;
    return true;
}

static void check(Look *look, const char *how, size_t place, bool cut, const Run *run)
{
    const Damaged *damaged = look->damaged;
    folder_free(&found);
    folder_read(&found);
    if (run->descriptors != 0 || run->blocks != 0)
        complain(look, how, place, run, "descriptors or memory are not given back");
    if (run->code == SPIRAL_OK && (damaged->text || !cut)) {
        bool mended = cut && damaged->made_again;
        look->accepted++;
        if ((damaged->same_result || mended) && !holds(look, &look->after, mended))
            complain(look, how, place, run, "accepted, and the result is another");
        return;
    }
    if (run->code != SPIRAL_ERROR_INPUT)
        complain(look, how, place, run, "expected exit code 3");
    else if (!run_has_sound_message(run) || strstr(run->messages, damaged->file) == NULL)
        complain(look, how, place, run, "not one message that names the file");
    if (!holds(look, &look->before, false))
        complain(look, how, place, run, "something was written");
}

/* Runs the command with these bytes in place of the file's. */
static void try_bytes(Look *look, const char *how, size_t place, bool cut, const unsigned char *bytes, size_t size)
{
    static Run run;
    folder_restore(&found, &look->before);
    FILE *file = fopen(look->damaged->file, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        fprintf(look->report, "%s could not be written\n", look->damaged->file);
        exit(2);
    }
    run_with(look->damaged->command, &no_faults, &run);
    look->tried++;
    check(look, how, place, cut, &run);
}

static bool prepare(Look *look)
{
    static Run run;
    folder_free(&found);
    folder_read(&found);
    folder_restore(&found, &(Folder){.count = 0});
    run.code = SPIRAL_OK;
    for (const char *const *line = look->damaged->before; *line != NULL && run.code == SPIRAL_OK; line++)
        run_with(*line, &no_faults, &run);
    folder_read(&look->before);
    if (run.code == SPIRAL_OK)
        run_with(look->damaged->command, &no_faults, &run);
    folder_read(&look->after);
    folder_free(&found);
    folder_read(&found);
    if (run.code != SPIRAL_OK)
        complain(look, "whole, byte", 0, &run, "expected exit code 0");
    return run.code == SPIRAL_OK;
}

/* About so many places evenly of a file's many, or every one. An odd step meets every bit of a byte in turn. */
static size_t step(size_t count, size_t some)
{
    return getenv("SPIRAL_EVERY_BYTE") != NULL || count <= some ? 1 : count / some | 1;
}

static void damage(Look *look)
{
    const FolderFile *whole = folder_find(&look->before, look->damaged->file);
    for (size_t size = 0; size < whole->size; size += step(whole->size, 50))
        try_bytes(look, "cut to bytes", size, true, whole->bytes, size);
    unsigned char *bytes = malloc(whole->size);
    if (bytes == NULL)
        exit(2);
    memcpy(bytes, whole->bytes, whole->size);
    for (size_t bit = 0; bit < 8 * whole->size; bit += step(8 * whole->size, 200)) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        try_bytes(look, "with another bit", bit, false, bytes, whole->size);
        bytes[bit / 8] = whole->bytes[bit / 8];
    }
    free(bytes);
}

int test_main(FILE *report)
{
    size_t tried = 0, wrong = 0;
    for (size_t i = 0; i < COUNT; i++) {
        static Look look;
        look = (Look){.report = report, .damaged = &damaged_files[i]};
        if (prepare(&look))
            damage(&look);
        fprintf(report, "%-20s %6zu damaged, of them %zu accepted, %zu wrong\n", look.damaged->file, look.tried,
                look.accepted, look.wrong);
        fflush(report);
        tried += look.tried;
        wrong += look.wrong;
        folder_free(&look.before);
        folder_free(&look.after);
    }
    folder_free(&found);
    fprintf(report, "damaged files: %zu, wrong: %zu\n", tried, wrong);
    return wrong > 0 || tried == 0;
}
