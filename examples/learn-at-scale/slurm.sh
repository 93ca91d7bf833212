#!/bin/sh
# A bank over very many images, by an array of ten: one shard each.
#   learned=$(sbatch --parsable --array=0-9 slurm.sh)
#   sbatch --dependency=afterok:$learned --wrap 'mrfad bank merge shards/part-*.mrfbank --out part.mrfbank --bank-version 1'
# Images, encoder and results lie on a file system that all nodes share.
#SBATCH --job-name=learn
#SBATCH --cpus-per-task=8
#SBATCH --mem=8G
set -eu
mkdir -p shards
mrfad learn good --encoder encoder.json --id part --rows 20000 --threads "$SLURM_CPUS_PER_TASK" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --out "shards/part-$(printf %05d "$SLURM_ARRAY_TASK_ID").mrfbank"
