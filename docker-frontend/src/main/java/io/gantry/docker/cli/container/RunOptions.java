package io.gantry.docker.cli.container;

/** The flags that a container is described with, as help shows them. */
final class RunOptions {
  /** Those of creation. */
  static final String CREATE =
      """
          --add-host list                    Add a name to /etc/hosts: name:ip
          --annotation map                   Annotate the container for the runtime
      -a, --attach list                      Attach to stdin, stdout or stderr only
          --blkio-weight uint16              Weight of block I/O, 10 to 1000
          --cap-add list                     Add a capability
          --cap-drop list                    Take a capability away
          --cgroup-parent string             Parent of the container's cgroup
          --cgroupns string                  Cgroup namespace: host or private
          --cidfile string                   Write the container's ID to this file
          --cpu-period int                   Period of the CPU quota, in microseconds
          --cpu-quota int                    CPU time in each period, in microseconds
      -c, --cpu-shares int                   Share of CPU time, relative to others'
          --cpus decimal                     Number of CPUs
          --cpuset-cpus string               CPUs that may be used, such as 0-3 or 0,1
          --cpuset-mems string               Memory nodes that may be used
          --device list                      Give a device: host[:container[:rwm]]
          --device-cgroup-rule list          Allow devices by a rule such as "c 42:* rmw"
          --dns list                         Ask this name server
          --dns-option, --dns-opt list       Option of the resolver
          --dns-search list                  Look names up in this domain
          --domainname string                NIS domain name
          --entrypoint string                Run this in the place of the image's entry point
      -e, --env list                         Set a variable: NAME=VALUE, or NAME to pass it on
          --env-file list                    Read variables from a file
          --expose list                      Declare a port or a range of ports
          --gpus string                      Give GPUs: all or a number
          --group-add list                   Add the user to a group
          --health-cmd string                Command that checks the container's health
          --health-interval duration         Time between checks
          --health-retries int               Failures in a row that make it unhealthy
          --health-start-interval duration   Time between checks during the start period
          --health-start-period duration     Time in which failures do not count
          --health-timeout duration          Time that a check may take
      -h, --hostname string                  Host name
          --init                             Have an init reap processes
      -i, --interactive                      Keep standard input open
          --ip string                        IPv4 address
          --ip6 string                       IPv6 address
          --ipc string                       IPC namespace
          --isolation string                 Not on Linux
      -l, --label list                       Label the container: NAME=VALUE
          --label-file list                  Read labels from a file
          --link list                        Link to another container: name[:alias]
          --log-driver string                How to keep the log
          --log-opt list                     Option of the log: NAME=VALUE
          --mac-address string               MAC address
      -m, --memory bytes                     Memory at most
          --memory-reservation bytes         Memory that is kept for it
          --memory-swap bytes                Memory and swap at most; -1 for any amount of swap
          --memory-swappiness int            How readily it is swapped, 0 to 100
          --mount list                       Mount something: type=bind,source=PATH,target=PATH…
          --name string                      Name of the container
          --network, --net list              Network, or host, none, container:NAME
          --network-alias, --net-alias list  Another name for it in its network
          --no-healthcheck                   Do not check its health
          --oom-kill-disable                 Do not kill it for want of memory
          --oom-score-adj int                Whom to kill for want of memory: -1000 to 1000
          --pid string                       PID namespace: host or container:NAME
          --pids-limit int                   Processes at most; -1 for any number
          --platform string                  Use the image for this platform
          --privileged                       Give it all that the host may do
      -p, --publish list                     Publish a port: [ip:][host:]container[/protocol]
      -P, --publish-all                      Publish all exposed ports, on ports that are free
          --pull string                      When to pull the image: always, missing or never
      -q, --quiet                            Do not show how pulling comes along
          --read-only                        Do not let it write to its root
          --restart string                   When to start it again: no, always, on-failure[:n], unless-stopped
          --rm                               Remove it when it ends
          --runtime string                   Runtime handler
          --security-opt list                Security option
          --shm-size bytes                   Size of /dev/shm
          --stop-signal string               Signal that stops it
          --stop-timeout int                 Seconds that it has to stop
          --storage-opt list                 Option of its root: NAME=VALUE
          --sysctl map                       Kernel parameter: NAME=VALUE
          --tmpfs list                       Mount a tmpfs: PATH[:OPTIONS]
      -t, --tty                              Give it a terminal
          --ulimit list                      Resource limit: NAME=SOFT[:HARD]
      -u, --user string                      User or UID, and group: user[:group]
          --userns string                    User namespace: host
          --uts string                       UTS namespace: host
      -v, --volume list                      Mount a volume or a path: [source:]target[:ro]
          --volume-driver string             Driver of volumes
          --volumes-from list                Mount the volumes of another container
      -w, --workdir string                   Directory to begin in
      !   --disable-content-trust            Taken for compatibility
      !   --kernel-memory bytes              Taken for compatibility
      """;

  /** Those of running it as well. */
  static final String RUN =
      CREATE
          + """
          -d, --detach                           Leave it running, and print its ID
              --detach-keys string               Keys that leave it running (default: ctrl-p,ctrl-q)
              --sig-proxy                        Pass signals on to it (default true)
          """;

  private RunOptions() {}
}
