# Sourced by scripts/test and scripts/check-neon, behind setup.sh: the NEON kernels give the bits of the others.
#
# The tests of the kernels and of the layers' gradients, run by the portable kernels of this machine, record every call with memory before and after
# (Tests/TestSupport/Recording). A program for aarch64 (Tests/NeonReplay), run by qemu, makes the same calls with its
# portable and its NEON kernels and compares every word of memory.

neon_packages=(qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross)

# Needs the tests built. Prints one line if all is well.
check_neon() {
  if [ "$(uname -m)" = aarch64 ]; then
    echo "this machine has NEON: the tests themselves compare its kernels with the portable ones"
    return
  fi
  install_missing "${neon_packages[@]}"
  local folder="$repository/.build/neon" began=$SECONDS
  mkdir -p "$folder"
  compile_replay "$folder"

  CONVOY_RECORD_KERNELS="$folder/recording" swift test --configuration release --skip-build --disable-xctest \
    --no-parallel --filter 'KernelsTests|NetworksTests.GradientTests/(forwardMatches|gradientsAdd)' >"$folder/recording.log" 2>&1 || {
    tail -n 30 "$folder/recording.log" >&2
    fail "the tests of the kernels failed while their calls were recorded."
  }

  # A process for each processor, each with its part of the calls; all of them follow the memory of all calls.
  local parts part failed=0 processes=()
  parts=$(($(nproc) < 8 ? $(nproc) : 8))
  for ((part = 0; part < parts; part++)); do
    qemu-aarch64-static "$folder/replay" "$folder/recording" "$part" "$parts" >"$folder/replay-$part.log" 2>&1 &
    processes+=($!)
  done
  for ((part = 0; part < parts; part++)); do
    wait "${processes[part]}" || failed=1
  done
  if [ $failed -ne 0 ]; then
    head -n 20 "$folder"/replay-*.log >&2
    fail "the NEON kernels do not give the bits of the portable ones; $folder/recording has the calls."
  fi
  cat "$folder"/replay-*.log | awk -v seconds=$((SECONDS - began)) -v bytes="$(stat --format=%s "$folder/recording")" '
    { calls += $1; kernels = $4 }
    END {
      printf "%d calls of %d kernels give the same bits with NEON (recording of %.0f MB, %d s)\n", calls, kernels,
        bytes / 1e6, seconds
    }'
  rm -f "$folder/recording"
}

# Compiles all C of the project that is ours for aarch64, and the program that replays, into a folder.
compile_replay() {
  local clang
  clang="$(dirname "$(readlink -f "$(command -v swift)")")/clang"
  if [ ! -x "$clang" ]; then
    command -v clang >/dev/null || install_missing clang
    clang=clang
  fi
  rm -f "$1"/*.o
  printf '%s\0' Sources/C{Kernels,Processor,Files}/*.c Tests/NeonReplay/*.c |
    xargs -0 -P "$(nproc)" -I {} bash -c '
      "$1" --target=aarch64-linux-gnu -O2 -Wall -Wextra -Werror -ISources/C{Kernels,Processor,Files}/include \
        -c "$2" -o "$3/$(basename "$2" .c).o"' - "$clang" {} "$1" ||
    fail "the C of the project does not compile for aarch64."
  "$clang" --target=aarch64-linux-gnu -static -pthread "$1"/*.o -lm -o "$1/replay"
}
