# shellcheck shell=bash
# Sets default_signals to what starts a command that a SIGHUP can end. Sourced by the scripts beside this folder (bash).
#
# Under nohup the signal is ignored by all that a script starts, and the tests that send it would wait for ever.

default_signals=(env --default-signal=HUP)
"${default_signals[@]}" true 2>/dev/null || default_signals=(env)
