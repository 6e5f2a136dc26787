#!/usr/bin/env bash
# Usage: tools/slurm_train.sh PARTITION JOB_NAME CONFIG [options of tools/train.py]
# GPUS, GPUS_PER_NODE, CPUS_PER_TASK and SRUN_ARGS are taken from the environment.
set -euo pipefail
if [ $# -lt 3 ]; then
  echo "usage: $0 PARTITION JOB_NAME CONFIG [options of tools/train.py]" >&2
  exit 2
fi
PARTITION=$1
JOB_NAME=$2
CONFIG=$3
GPUS=${GPUS:-4}

# shellcheck disable=SC2086 (SRUN_ARGS holds several words)
srun -p "$PARTITION" \
  --job-name="$JOB_NAME" \
  --gres=gpu:"${GPUS_PER_NODE:-4}" \
  --ntasks="$GPUS" \
  --ntasks-per-node="${GPUS_PER_NODE:-4}" \
  --cpus-per-task="${CPUS_PER_TASK:-5}" \
  --kill-on-bad-exit=1 \
  ${SRUN_ARGS:-} \
  python -u "$(dirname "$0")/train.py" "$CONFIG" --launcher slurm "${@:4}"
