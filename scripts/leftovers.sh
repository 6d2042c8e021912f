# Finding and removing what daemons under a directory left in the kernel. For sourcing.
#
# Everything is found by the directory's path or by the names of the nodes in it, never by the name of a program:
# other daemons of the same kind on the machine are none of our business.

# processes_of DIRECTORY [PROGRAM]: the ids of processes whose words or environment name a path below the directory.
# With PROGRAM, only of those whose words name both: where people know the directory, their shells and editors do too.
processes_of() {
  local process
  for process in /proc/[0-9]*; do
    [ "$process" != "/proc/$$" ] && [ "$process" != "/proc/$BASHPID" ] || continue
    if [ -n "${2:-}" ]; then
      grep -qsF -- "$1/" "$process/cmdline" && grep -qsF -- "$2" "$process/cmdline" || continue
    else
      grep -qsF -- "$1/" "$process/cmdline" "$process/environ" || continue
    fi
    echo "${process#/proc/}"
  done
}

# nodes_of DIRECTORY: the names of the nodes that tests made below it. A node's name is also its bridge's, its
# network's and its parent cgroup's.
nodes_of() {
  local node
  for node in "$1"/*/; do
    node=${node%/} node=${node##*/}
    case $node in gantry-t*) echo "$node" ;; esac
  done
}

# cgroup_processes NAME: the ids of processes in the cgroups below /NAME, in any hierarchy.
cgroup_processes() {
  find /sys/fs/cgroup/*/"$1" /sys/fs/cgroup/"$1" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u
}

# remove_named_networks PREFIX: the bridges whose names begin so, and the chains that begin with it in capitals
# (networks.interface_prefix in gantry.toml), with the rules that lead there.
remove_named_networks() {
  local link chain firewall table line ours
  for link in /sys/class/net/"$1"*; do
    [ ! -e "$link" ] || ip link delete "${link##*/}" 2>/dev/null || true
  done
  ours=$(printf '%s' "$1" | sed 's/-*$//' | tr '[:lower:]' '[:upper:]')
  for firewall in iptables ip6tables; do
    for table in filter nat; do
      $firewall-save -t $table 2>/dev/null | { grep -E -- "^-A .*-j $ours-[A-Z]+( |\$)" || true; } | sed 's/^-A /-D /' | while read -r line; do
        eval "$firewall -w -t $table $line" 2>/dev/null || true
      done
      for chain in $($firewall-save -t $table 2>/dev/null | sed -n "s/^:\($ours-[A-Z]*\) .*/\1/p"); do
        $firewall -w -t $table -F "$chain" 2>/dev/null && $firewall -w -t $table -X "$chain" 2>/dev/null || true
      done
    done
  done
}

remove_node() { # NAME
  local pid line
  for pid in $(cgroup_processes "$1"); do kill -KILL "$pid" 2>/dev/null || true; done
  find /sys/fs/cgroup/*/"$1" /sys/fs/cgroup/"$1" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  ip link delete "$1" 2>/dev/null || true
  # NodeDirectory.interfacePrefix in the tests.
  case $1 in gantry-t????) remove_named_networks "gt${1: -4}-" ;; esac
  # The rules that name the network, then the chains they led to, which are one pod's each.
  local rules
  rules=$(iptables-save -t nat 2>/dev/null | { grep -F "\"$1\\\"" || true; })
  printf '%s\n' "$rules" | sed -n 's/^-A /-D /p' | while read -r line; do
    eval "iptables -w -t nat $line" 2>/dev/null || true
  done
  printf '%s\n' "$rules" | { grep -oE -- '(-A|-j) CNI-(DN-)?[0-9a-f]+' || true; } | cut -c4- | sort -u | while read -r line; do
    iptables -w -t nat -F "$line" 2>/dev/null && iptables -w -t nat -X "$line" 2>/dev/null || true
  done
}

# remove_leftovers DIRECTORY [PROGRAM]: processes (as processes_of finds them), mounts, cgroups, interfaces, rules of
# everything below it.
remove_leftovers() {
  local pid node mount tries
  for tries in 1 2 3; do
    local pids
    pids=$(processes_of "$1" "${2:-}")
    [ -n "$pids" ] || break
    for pid in $pids; do kill -KILL "$pid" 2>/dev/null || true; done
  done
  for node in $(nodes_of "$1"); do remove_node "$node"; done
  # The youngest first: a mount may lie on another.
  awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac | while read -r mount; do
    umount -l -- "$mount" 2>/dev/null || true
  done
}

# shared_chains: those chains of the nat table that the portmap plugin makes once for all pods and never removes.
shared_chains() {
  iptables-save -t nat 2>/dev/null | sed -n 's/^:\(CNI-HOSTPORT-[A-Z]*\) .*/\1/p' | sort
}

# remove_shared_chains BEFORE: removes those that were not there before, unless some pod has a host port.
remove_shared_chains() {
  local chain rule
  if iptables-save -t nat 2>/dev/null | grep -q '^:CNI-DN-'; then return 0; fi
  for chain in $(comm -13 <(printf '%s\n' "$1") <(shared_chains)); do
    iptables-save -t nat | { grep -E "^-A .*-j $chain( |\$)" || true; } | sed 's/^-A /-D /' | while read -r rule; do
      eval "iptables -w -t nat $rule" 2>/dev/null || true
    done
    iptables -w -t nat -F "$chain" 2>/dev/null && iptables -w -t nat -X "$chain" 2>/dev/null || true
  done
}

# default_parents: gantry's default parent cgroup in each hierarchy that has it, one to a line.
default_parents() {
  local parent
  for parent in /sys/fs/cgroup/gantry /sys/fs/cgroup/*/gantry; do
    [ ! -d "$parent" ] || echo "$parent"
  done | sort
}

# remove_empty_parents BEFORE: removes those that were not there before, unless something is in them by now.
remove_empty_parents() {
  comm -13 <(printf '%s\n' "$1") <(default_parents) | while read -r parent; do
    rmdir "$parent" 2>/dev/null || true
  done
}
