#HYPERDAS submit sbatch --parsable {{file}}
#HYPERDAS gather sbatch --parsable --dependency=afterany:{{job}} {{file}}
#HYPERDAS query squeue --noheader --jobs={{job}}
#HYPERDAS ended Invalid job id specified
#HYPERDAS cancel scancel {{job}}
#!/bin/bash
#SBATCH --job-name={{name}}
#SBATCH --array=0-{{last}}{{parallel}}
#SBATCH --cpus-per-task={{processors}}
#SBATCH --mem={{memory}}M
#SBATCH --gres=gpu:{{cards}}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@{{notice}}
#SBATCH --output={{logs}}/%A_%a.log
#SBATCH {{options}}
# {{runs}} runs of {{document}}. To submit it by hand: sbatch job.sh
# Predicted for the largest of them, with a margin: {{cardmemory}} MiB of a card's memory.
plan={{plan}}
read -r index folder < <(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" "$plan/runs.txt")
echo "$(date '+%F %T') $(hostname): run $index in $folder, restart ${SLURM_RESTART_COUNT:-0}"

lines() { cat "$folder/attempts.jsonl" 2>/dev/null | wc -l; }
before=$(lines)

# In a process group of its own, since the program may be a launcher with a child: signals go to both, and both are waited for.
set -m
{{shell}} -NoProfile -NonInteractive -File "$plan/run.ps1" "$index" </dev/null &
child=$!
warned=
trap 'kill -TERM -- "-$child" 2>/dev/null' TERM
trap 'warned=1; kill -TERM -- "-$child" 2>/dev/null' USR1
while kill -0 -- "-$child" 2>/dev/null; do wait "$child"; sleep 0.1; done
wait "$child"
code=$?
[ "$code" != 0 ] && [ -n "$warned" ] || exit "$code"

# Its time is nearly up. It goes on in another time, unless this one was too short for a single step.
last=
[ "$(lines)" = "$before" ] || last=$(tail -n 1 "$folder/attempts.jsonl")
case $last in
    *'"event":"failed"'*) exit "$code" ;;
    *'"event":"stopped"'*'"made":0'* | '') echo "Given up: there was no time for a single step. Ask for more." >&2; exit 1 ;;
esac
if [ "${SLURM_RESTART_COUNT:-0}" -ge {{requeues}} ]; then echo "Given up after {{requeues}} restarts." >&2; exit 1; fi
exec scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
#HYPERDAS --- gather
#!/bin/bash
#SBATCH --job-name={{name}}-gather
#SBATCH --cpus-per-task=1
#SBATCH --mem=2048M
#SBATCH --open-mode=append
#SBATCH --output={{logs}}/gather.log
#SBATCH {{gatheroptions}}
# Writes report.html and runs.csv, and fails when runs of {{document}} are missing.
exec {{shell}} -NoProfile -NonInteractive -File {{plan}}/gather.ps1
