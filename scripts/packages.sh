# Installing Debian packages. For sourcing: quickstart, test and bench/compare share it.

# install_packages NAME...: installs those that are missing. A service that a package brings is not started.
install_packages() {
  local missing=() name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || {
    echo "missing: ${missing[*]}; this machine has no apt-get, install what corresponds to these Debian packages" >&2
    return 1
  }
  echo "installing ${missing[*]}" >&2
  # policy-rc.d with exit 101 keeps packages from starting daemons (containerd, docker-registry) on this machine.
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && made=1; fi
  local status=0
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
    # The index may be missing, as on a fresh image, or older than the mirror.
    apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  } || status=$?
  [ -z "$made" ] || rm -f $policy
  return $status
}

# has_java: is there a JDK of at least 17, whoever packaged it?
has_java() {
  local version
  version=$(javac -version 2>&1) || return 1
  version=${version#javac } version=${version%%.*}
  [ "$version" -ge 17 ] 2>/dev/null
}

# build_packages: what building needs and is missing.
build_packages() {
  has_java || echo openjdk-17-jdk-headless
  command -v mvn >/dev/null || echo maven
}

# vm_packages: what building and booting the virtual machine of the tests needs.
vm_packages() {
  echo qemu-system-x86 qemu-utils mmdebstrap debian-archive-keyring cpio kmod xz-utils e2fsprogs
}
