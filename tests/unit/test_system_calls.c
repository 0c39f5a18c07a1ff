/* test_system_calls.c: from the second iteration on a training makes no system call, neither the library's own code nor
 * BLAS: the kernel kills the child that would. */
#define _GNU_SOURCE /* syscall */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "net_support.h"
#include "spiral/trainer.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum { ITERATIONS = 300, NO_SECCOMP = 9 };

/* Kills the process at the next system call but its own end. False where that can't be had. */
static bool forbid(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static SpiralStatus forbid_calls(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    (void)context;
    (void)error;
    if (record->iteration == 1 && !forbid())
        _exit(NO_SECCOMP);
    if (record->iteration == ITERATIONS - 1)
        syscall(SYS_exit_group, 0); /* not _exit, with which a build that counts writes its counts first */
    return SPIRAL_OK;
}

/* The same, with a call that is not allowed. */
static SpiralStatus call_the_system(const SpiralTrainRecord *record, void *context, SpiralError *error)
{
    if (record->iteration == ITERATIONS / 2)
        syscall(SYS_getppid);
    return forbid_calls(record, context, error);
}

/* The status of a child that trains. */
static int train_in_child(const SpiralTrainOptions *options, size_t hidden_count, const size_t *hidden,
                          SpiralProducts products,
                          SpiralStatus (*hook)(const SpiralTrainRecord *, void *, SpiralError *))
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        SpiralDataset data = make_data(50, 12, 3, 1);
        SpiralNetwork *network = make_network(12, hidden_count, hidden, 3, 0.5, 2);
        SpiralTrainResult result;
        network->products = products;
        (void)spiral_train(network, &data, options, &(SpiralTrainHooks){.record = hook}, &result, NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SECCOMP)
        skip();
    return status;
}

static SpiralTrainOptions every_record(void)
{
    SpiralTrainOptions options = spiral_train_defaults();
    options.iterations = ITERATIONS;
    options.learning_rate = 0.1;
    options.record_every = 1;
    options.threads = 1;
    return options;
}

static void an_iteration_makes_no_system_call(void **state)
{
    (void)state;
    static const size_t hidden[] = {20, 9};
    if (SANITIZED)
        skip();
    SpiralTrainOptions options = every_record();
    for (size_t layers = 0; layers <= 2; layers++) {
        assert_int_equal(train_in_child(&options, layers, hidden, SPIRAL_PRODUCTS_AUTO, forbid_calls), 0);
        assert_int_equal(train_in_child(&options, layers, hidden, SPIRAL_PRODUCTS_BLAS, forbid_calls), 0);
    }
    options.batch_size = 7;
    options.dropout = 0.2;
    options.optimizer.kind = SPIRAL_OPTIMIZER_ADAM;
    assert_int_equal(train_in_child(&options, 2, hidden, SPIRAL_PRODUCTS_AUTO, forbid_calls), 0);
}

static void a_system_call_would_be_seen(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    SpiralTrainOptions options = every_record();
    int status = train_in_child(&options, 0, NULL, SPIRAL_PRODUCTS_AUTO, call_the_system);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_iteration_makes_no_system_call),
        cmocka_unit_test(a_system_call_would_be_seen),
    };
    return cmocka_run_group_tests_name("system_calls", tests, NULL, NULL);
}
