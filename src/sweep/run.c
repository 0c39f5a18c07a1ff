#include "sweep/run.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"

static const double SECONDS_BETWEEN_SETTLES = 1;

typedef struct Sweep {
    SpiralSweepRound round;
    const SpiralSweepRunOptions *options;
    const SpiralSweepHooks *hooks;
    SpiralPool *pool;
    SpiralLock *lock; /* guards everything below, and is held for hooks that are called one at a time */
    size_t *order;    /* (order_count) the entries to run in this phase */
    size_t order_count, next;
    _Atomic double next_tick;
    double settled;      /* time of the last settle */
    atomic_bool stopped; /* something failed */
    SpiralStatus status;
    SpiralError error;
} Sweep;

static bool is_interrupted(const Sweep *sweep)
{
    return spiral_flag_is_set(sweep->hooks->interrupt);
}

static SpiralSweepRow *row_of(const Sweep *sweep, const SpiralSweepEntry *entry)
{
    return &sweep->round.results->rows[entry->job.run];
}

/* Records the first failure as that of the sweep. Called with the lock held. */
static void fail(Sweep *sweep, SpiralStatus status, const SpiralError *error)
{
    if (sweep->status == SPIRAL_OK) {
        sweep->status = status;
        sweep->error = *error;
    }
    atomic_store(&sweep->stopped, true);
}

/* ---- one run ----------------------------------------------------------------------------------------------------- */

typedef struct Recording {
    Sweep *sweep;
    SpiralSweepEntry *entry;
} Recording;

/* Only one thread acts when a tick is due; the others continue. */
static void tick(Sweep *sweep)
{
    static const double SECONDS_BETWEEN = 0.2;
    double now = sweep->hooks->clock(sweep->hooks->context), due = atomic_load(&sweep->next_tick);
    if (now < due || !atomic_compare_exchange_strong(&sweep->next_tick, &due, now + SECONDS_BETWEEN))
        return;
    spiral_lock_acquire(sweep->lock);
    sweep->hooks->tick(sweep->hooks->context);
    spiral_lock_release(sweep->lock);
}

static SpiralStatus record(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    Recording *recording = context;
    const SpiralSweepHooks *hooks = recording->sweep->hooks;
    if (atomic_load(&recording->sweep->stopped)) /* another run has failed; that failure is the one that is reported */
        return spiral_error_set(error, SPIRAL_ERROR_OUTPUT, NULL, 0, "given up");
    if (hooks->tick != NULL)
        tick(recording->sweep);
    return hooks->record != NULL ? hooks->record(&recording->entry->job, record, hooks->context, error) : SPIRAL_OK;
}

/* Called with the lock held. */
static void release(Sweep *sweep, SpiralSweepEntry *entry)
{
    spiral_trainer_free(entry->trainer);
    entry->trainer = NULL;
    sweep->hooks->release(&entry->job, sweep->hooks->context);
}

static SpiralStatus begin(Sweep *sweep, SpiralSweepEntry *entry, SpiralError *error)
{
    SpiralSweepJob *job = &entry->job;
    spiral_lock_acquire(sweep->lock);
    SpiralStatus status = sweep->hooks->prepare(job, sweep->hooks->context, error);
    spiral_lock_release(sweep->lock);
    if (status == SPIRAL_OK) {
        job->options.threads = 1;
        status =
            spiral_trainer_create(job->network, job->dataset, job->validation, &job->options, &entry->trainer, error);
    }
    if (status != SPIRAL_OK) {
        spiral_lock_acquire(sweep->lock);
        release(sweep, entry);
        spiral_lock_release(sweep->lock);
    }
    return status;
}

/* Called with the lock held. */
static void settle(Sweep *sweep)
{
    SpiralError error;
    const SpiralSweepHooks *hooks = sweep->hooks;
    SpiralStatus status = hooks->settle != NULL ? hooks->settle(hooks->context, &error)
                                                : spiral_sweep_results_flush(sweep->round.results, &error);
    if (status != SPIRAL_OK)
        fail(sweep, status, &error);
    sweep->settled = hooks->clock(hooks->context);
}

/* Passes the run's row to the hooks and the results. */
static SpiralStatus add_row(Sweep *sweep, SpiralSweepEntry *entry, const SpiralSweepRow *row, SpiralError *error)
{
    SpiralStatus status = sweep->hooks->finish(&entry->job, row, sweep->hooks->context, error);
    if (status == SPIRAL_OK)
        spiral_sweep_results_add(sweep->round.results, entry->job.run, row);
    return status;
}

/* "PATH:LINE: REASON", or less of it. */
static void describe(const SpiralError *error, char *text, size_t size)
{
    char line[32] = "";
    if (error->line > 0)
        snprintf(line, sizeof line, ":%zu", error->line);
    bool has_path = error->path[0] != '\0';
    snprintf(text, size, "%s%s%s%s", error->path, has_path ? line : "", has_path ? ": " : "", error->reason);
}

static SpiralStatus add_failed_row(Sweep *sweep, SpiralSweepEntry *entry, SpiralError *error)
{
    char reason[sizeof error->path + sizeof error->reason + 32];
    describe(error, reason, sizeof reason);
    const SpiralSweepRow row = {.status = SPIRAL_SWEEP_FAILED,
                                .loss = NAN,
                                .data_loss = NAN,
                                .accuracy = NAN,
                                .validation_loss = NAN,
                                .validation_accuracy = NAN,
                                .reason = reason,
                                .seconds = entry->job.seconds};
    return add_row(sweep, entry, &row, error);
}

/* After the run's row was added, or could not be. Called with the lock held. */
static void end(Sweep *sweep, SpiralSweepEntry *entry, SpiralStatus status, const SpiralError *error)
{
    if (status != SPIRAL_OK)
        fail(sweep, status, error);
    if (sweep->hooks->settle == NULL ||
        sweep->hooks->clock(sweep->hooks->context) >= sweep->settled + SECONDS_BETWEEN_SETTLES)
        settle(sweep);
    release(sweep, entry);
}

/* Does the sweep go on? The setting needs more than there is, or does not fit the data. */
static bool is_failure_of_run(SpiralStatus status)
{
    return status == SPIRAL_ERROR_INPUT || status == SPIRAL_ERROR_LIMIT || status == SPIRAL_ERROR_USAGE;
}

/* Called with the lock held. */
static void end_failed(Sweep *sweep, SpiralSweepEntry *entry, SpiralError *error)
{
    SpiralStatus status = add_failed_row(sweep, entry, error);
    end(sweep, entry, status, error);
}

/* Called with the lock held. */
static void end_trained(Sweep *sweep, SpiralSweepEntry *entry, SpiralSweepStatus ended)
{
    const SpiralTrainResult *result = &entry->result;
    /* The first update after a pause may be undone, but the run has reached that rung all the same. */
    const SpiralSweepRow row = {.status = ended,
                                .iterations = result->iterations > entry->reached ? result->iterations : entry->reached,
                                .loss = result->loss.loss,
                                .data_loss = result->loss.data_loss,
                                .accuracy = result->accuracy,
                                .validation_loss = result->validation_loss,
                                .validation_accuracy = result->validation_accuracy,
                                .seconds = entry->job.seconds};
    SpiralError error;
    entry->job.cause = result->cause;
    SpiralStatus status = add_row(sweep, entry, &row, &error);
    if (status == SPIRAL_ERROR_LIMIT) /* no memory to save it */
        status = add_failed_row(sweep, entry, &error);
    end(sweep, entry, status, &error);
}

static SpiralSweepStatus status_of(SpiralStopReason reason)
{
    switch (reason) {
    case SPIRAL_STOP_DIVERGED:
        return SPIRAL_SWEEP_DIVERGED;
    case SPIRAL_STOP_ITERATIONS:
        return SPIRAL_SWEEP_OK;
    default:
        return SPIRAL_SWEEP_STOPPED;
    }
}

static void run_entry(Sweep *sweep, SpiralSweepEntry *entry)
{
    SpiralError error;
    SpiralStatus status = entry->trainer == NULL ? begin(sweep, entry, &error) : SPIRAL_OK;
    if (status == SPIRAL_OK) {
        Recording recording = {sweep, entry};
        const SpiralTrainHooks hooks = {
            .record = record, .context = &recording, .interrupt = sweep->hooks->interrupt, .pause = entry->pause};
        double started = sweep->hooks->clock(sweep->hooks->context);
        status = spiral_trainer_run(entry->trainer, &hooks, &entry->result, &error);
        entry->job.seconds += sweep->hooks->clock(sweep->hooks->context) - started;
    }
    spiral_lock_acquire(sweep->lock);
    if (is_failure_of_run(status))
        end_failed(sweep, entry, &error);
    else if (status != SPIRAL_OK && status != SPIRAL_ERROR_DIVERGED)
        fail(sweep, status, &error);
    else if (entry->result.reason == SPIRAL_STOP_PAUSED)
        entry->reached = entry->result.iterations;
    else if (entry->result.reason != SPIRAL_STOP_INTERRUPTED)
        end_trained(sweep, entry, status_of(entry->result.reason));
    spiral_lock_release(sweep->lock);
}

/* ---- one phase: all runs to their pause -------------------------------------------------------------------------- */

static bool take(Sweep *sweep, SpiralSweepEntry **entry)
{
    spiral_lock_acquire(sweep->lock);
    bool taken = sweep->next < sweep->order_count && !atomic_load(&sweep->stopped) && !is_interrupted(sweep);
    if (taken)
        *entry = &sweep->round.entries[sweep->order[sweep->next++]];
    spiral_lock_release(sweep->lock);
    return taken;
}

static void work(size_t thread, void *context)
{
    (void)thread;
    Sweep *sweep = context;
    SpiralSweepEntry *entry;
    while (take(sweep, &entry))
        run_entry(sweep, entry);
}

/* Runs the entries in order. Returns false when that ends the sweep. */
static bool run_phase(Sweep *sweep)
{
    sweep->next = 0;
    spiral_pool_run(sweep->pool, work, sweep);
    return sweep->status == SPIRAL_OK && !is_interrupted(sweep);
}

/* Lists the entries without a row. */
static void order_entries(Sweep *sweep)
{
    const SpiralSweepRound *round = &sweep->round;
    sweep->order_count = 0;
    for (size_t i = 0; i < round->count; i++) {
        size_t setting = (round->first + i) / round->results->plan->options.seeds;
        if (row_of(sweep, &round->entries[i])->status == SPIRAL_SWEEP_NONE &&
            spiral_sweep_plan_has(round->results->plan, setting))
            sweep->order[sweep->order_count++] = i;
    }
}

typedef struct Costed {
    double cost;
    size_t entry;
} Costed;

static int compare_costs(const void *first, const void *second)
{
    const Costed *a = first, *b = second;
    if (a->cost > b->cost || a->cost < b->cost)
        return a->cost > b->cost ? -1 : 1;
    return a->entry < b->entry ? -1 : 1;
}

/* Longest first: a long run started last would leave the other cores idle. */
static SpiralStatus sort_by_cost(Sweep *sweep, SpiralError *error)
{
    Costed *costed = spiral_allocate(sweep->order_count, sizeof *costed);
    if (costed == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to order %zu runs", sweep->order_count);
    for (size_t i = 0; i < sweep->order_count; i++)
        costed[i] = (Costed){sweep->round.entries[sweep->order[i]].cost, sweep->order[i]};
    qsort(costed, sweep->order_count, sizeof *costed, compare_costs);
    for (size_t i = 0; i < sweep->order_count; i++)
        sweep->order[i] = costed[i].entry;
    free(costed);
    return SPIRAL_OK;
}

/* ---- a round ----------------------------------------------------------------------------------------------------- */

/* Determines the number of iterations of every run, including those that have a row. A run without one that can't be
 * prepared has failed. */
static SpiralStatus learn_iterations(Sweep *sweep, SpiralError *error)
{
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < sweep->round.count; i++) {
        SpiralSweepEntry *entry = &sweep->round.entries[i];
        SpiralError found;
        status = sweep->hooks->prepare(&entry->job, sweep->hooks->context, &found);
        entry->iterations = entry->job.options.iterations;
        if (is_failure_of_run(status) && row_of(sweep, entry)->status == SPIRAL_SWEEP_NONE) {
            status = SPIRAL_OK;
            end_failed(sweep, entry, &found);
        } else if (status != SPIRAL_OK && error != NULL) {
            *error = found;
        }
        sweep->hooks->release(&entry->job, sweep->hooks->context);
        entry->job = (SpiralSweepJob){.run = entry->job.run};
    }
    return status;
}

/* As many rungs as the number of settings can be divided by 3, and the iterations of the shortest run, too. All rungs
 * are then different. */
static size_t count_rungs(const Sweep *sweep)
{
    const SpiralSweepRound *round = &sweep->round;
    size_t rungs = spiral_halving_rungs(round->count / round->results->plan->options.seeds);
    for (size_t i = 0; i < round->count; i++) {
        const SpiralSweepEntry *entry = &round->entries[i];
        if (row_of(sweep, entry)->status != SPIRAL_SWEEP_FAILED && spiral_halving_rungs(entry->iterations) < rungs)
            rungs = spiral_halving_rungs(entry->iterations);
    }
    return rungs;
}

/* Ends the runs of the settings that are pruned here. */
static void end_pruned(Sweep *sweep, const bool *out)
{
    for (size_t i = 0; i < sweep->round.count; i++) {
        SpiralSweepEntry *entry = &sweep->round.entries[i];
        if (out[i / sweep->round.results->plan->options.seeds] && entry->trainer != NULL)
            end_trained(sweep, entry, SPIRAL_SWEEP_PRUNED);
    }
}

static SpiralStatus run_pruned(Sweep *sweep, SpiralError *error)
{
    SpiralSweepRound *round = &sweep->round;
    size_t settings = round->count / round->results->plan->options.seeds;
    bool *out = spiral_allocate(settings, sizeof *out);
    SpiralStatus status = out == NULL
                              ? spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory to compare settings")
                              : learn_iterations(sweep, error);
    bool go_on = status == SPIRAL_OK;
    size_t rungs = go_on ? count_rungs(sweep) : 0;
    for (size_t rung = 0; go_on && rung <= rungs; rung++) {
        for (size_t i = 0; i < round->count; i++)
            round->entries[i].pause =
                rung < rungs ? spiral_halving_iterations(round->entries[i].iterations, rungs, rung) : 0;
        order_entries(sweep);
        status = sort_by_cost(sweep, error);
        go_on = status == SPIRAL_OK && run_phase(sweep);
        if (go_on && rung < rungs)
            status = spiral_halving_decide(round, rungs, rung, out, error);
        go_on = go_on && status == SPIRAL_OK;
        if (go_on)
            end_pruned(sweep, out);
    }
    free(out);
    return status;
}

static SpiralStatus run_all(Sweep *sweep, SpiralError *error)
{
    order_entries(sweep);
    SpiralStatus status = sort_by_cost(sweep, error);
    if (status == SPIRAL_OK)
        run_phase(sweep);
    return status;
}

static SpiralStatus make_entries(Sweep *sweep, SpiralError *error)
{
    SpiralSweepRound *round = &sweep->round;
    const SpiralSweepPlan *plan = round->results->plan;
    round->first = plan->first * plan->options.seeds;
    round->count = spiral_sweep_plan_runs(plan) - round->first;
    round->entries = spiral_allocate(round->count, sizeof *round->entries);
    sweep->order = spiral_allocate(round->count, sizeof *sweep->order);
    if (round->entries == NULL || sweep->order == NULL)
        return spiral_error_set(error, SPIRAL_ERROR_LIMIT, NULL, 0, "no memory for %zu runs", round->count);
    SpiralStatus status = SPIRAL_OK;
    for (size_t i = 0; status == SPIRAL_OK && i < round->count; i++) {
        SpiralSweepEntry *entry = &round->entries[i];
        entry->job.run = round->first + i;
        if (sweep->hooks->cost != NULL)
            status = sweep->hooks->cost(entry->job.run, &entry->cost, sweep->hooks->context, error);
    }
    return status;
}

static void free_entries(Sweep *sweep)
{
    for (size_t i = 0; sweep->round.entries != NULL && i < sweep->round.count; i++)
        if (sweep->round.entries[i].trainer != NULL)
            release(sweep, &sweep->round.entries[i]);
    free(sweep->round.entries);
    free(sweep->order);
}

static size_t count_jobs(const SpiralSweepRunOptions *options, size_t runs)
{
    size_t jobs = options->jobs > 0 ? options->jobs : spiral_parallel_cores();
    spiral_linalg_start();
    return spiral_linalg_callers(jobs < runs ? jobs : runs);
}

SpiralStatus spiral_sweep_run(SpiralSweepResults *results, const SpiralSweepRunOptions *options,
                              const SpiralSweepHooks *hooks, SpiralError *error)
{
    Sweep sweep = {.round = {.results = results, .measure = options->measure}, .options = options, .hooks = hooks};
    SpiralStatus status = spiral_sweep_results_grow(results, error);
    if (status == SPIRAL_OK)
        status = make_entries(&sweep, error);
    if (status == SPIRAL_OK)
        status = spiral_lock_create(&sweep.lock, error);
    if (status == SPIRAL_OK)
        status = spiral_pool_create(count_jobs(options, sweep.round.count), &sweep.pool, error);
    sweep.settled = -INFINITY; /* the first row is settled at once */
    if (status == SPIRAL_OK)
        status = options->prune ? run_pruned(&sweep, error) : run_all(&sweep, error);
    if (sweep.pool != NULL) /* also after a failure: the runs before it are finished */
        settle(&sweep);
    if (status == SPIRAL_OK && sweep.status != SPIRAL_OK) {
        status = sweep.status;
        if (error != NULL)
            *error = sweep.error;
    }
    spiral_pool_free(sweep.pool);
    free_entries(&sweep);
    spiral_lock_free(sweep.lock);
    return status;
}
