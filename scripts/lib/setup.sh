# Sourced by the scripts beside this folder: makes a Debian machine with Swift ready to build and run Convoy.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

packages=(
  libopenmpi-dev openmpi-bin libhdf5-dev libturbojpeg0-dev libpng-dev libxxhash-dev pkg-config hdf5-tools
)

# Ends the script with one sentence.
fail() {
  echo "error: $*" >&2
  exit 1
}

# Checks for Swift and installs the Debian packages that are missing; touches nothing if none is.
set_up() {
  command -v swift >/dev/null ||
    fail "there is no swift in PATH; install Swift 6.3 for Debian 12 (https://www.swift.org/install/linux)."
  command -v dpkg-query >/dev/null ||
    fail "this machine has no dpkg; install what Debian calls ${packages[*]}, then use swift build and swift test."

  install_missing "${packages[@]}"

  # Open MPI refuses root unless told twice; in a container there is nobody else.
  if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
}

# Installs those of these Debian packages that are missing.
install_missing() {
  local missing=() package
  for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update --quiet --quiet
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-install-recommends \
    "${missing[@]}"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "installing ${missing[*]} needs root or sudo; as root, run: apt-get update && apt-get install -y ${missing[*]}"
  fi
}
