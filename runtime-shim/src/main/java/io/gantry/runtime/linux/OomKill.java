package io.gantry.runtime.linux;

import java.util.List;
import java.util.Optional;

/**
 * A process that the kernel killed for want of memory, as its log tells it (mm/oom_kill.c,
 * dump_oom_victim).
 *
 * @param pid as the host sees it
 * @param command the process's short name
 * @param cgroup the victim's cgroup, from the root of the memory hierarchy
 * @param limitedBy the cgroup whose limit was met; empty when the machine itself ran out
 */
public record OomKill(int pid, String command, String cgroup, Optional<String> limitedBy) {
  private static final String MARK = "oom-kill:constraint=";
  private static final String BY_CGROUP = "CONSTRAINT_MEMCG";

  /**
   * The last one in a cgroup or below it.
   *
   * @param messages of the kernel, oldest first
   */
  public static Optional<OomKill> lastIn(String cgroup, List<String> messages) {
    for (int i = messages.size() - 1; i >= 0; i--) {
      int begin = messages.get(i).indexOf(MARK);
      if (begin >= 0) {
        Optional<OomKill> kill = parse(messages.get(i).substring(begin));
        if (kill.isPresent() && isIn(kill.get().cgroup, cgroup)) {
          return kill;
        }
      }
    }
    return Optional.empty();
  }

  /** Where the hierarchy's root is not the machine's, the kernel's path has more in front. */
  private static boolean isIn(String path, String cgroup) {
    return (path + "/").contains(cgroup + "/");
  }

  /**
   * {@code oom-kill:constraint=…,nodemask=…,cpuset=…,mems_allowed=…,oom_memcg=…,task_memcg=…,
   * task=…,pid=…,uid=…}. A process may put commas into its name, so its end is looked for from the
   * right.
   */
  private static Optional<OomKill> parse(String message) {
    int task = message.lastIndexOf(",task=");
    int pid = message.lastIndexOf(",pid=");
    int uid = message.lastIndexOf(",uid=");
    Optional<String> cgroup = field(message, ",task_memcg=");
    if (task < 0 || pid < task || uid < pid || cgroup.isEmpty()) {
      return Optional.empty();
    }
    try {
      boolean byCgroup = message.startsWith(MARK + BY_CGROUP);
      return Optional.of(
          new OomKill(
              Integer.parseInt(message, pid + ",pid=".length(), uid, 10),
              message.substring(task + ",task=".length(), pid),
              cgroup.get(),
              byCgroup ? field(message, ",oom_memcg=") : Optional.empty()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> field(String message, String key) {
    int begin = message.indexOf(key);
    if (begin < 0) {
      return Optional.empty();
    }
    int from = begin + key.length();
    int end = message.indexOf(',', from);
    return end < 0 ? Optional.empty() : Optional.of(message.substring(from, end));
  }
}
