package io.gantry.cri.spec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The users and groups an image knows, as passwd(5) and group(5) describe them. Malformed lines are
 * passed over.
 */
final class Accounts {
  record User(String name, long uid, long gid) {}

  record Group(String name, long gid, List<String> members) {}

  /** Ids are unsigned 32 bits; the highest means "no change" to the kernel, see setuid(2). */
  private static final long ID_MAX = 0xFFFF_FFFEL;

  private final List<User> users;
  private final List<Group> groups;

  private Accounts(List<User> users, List<Group> groups) {
    this.users = users;
    this.groups = groups;
  }

  /** Reads /etc/passwd and /etc/group; an image without them knows nobody. */
  static Accounts read(RootFiles files) throws IOException {
    List<User> users = new ArrayList<>();
    for (String[] fields : lines(files.read("/etc/passwd"), 4)) {
      OptionalLong uid = id(fields[2]);
      OptionalLong gid = id(fields[3]);
      if (uid.isPresent() && gid.isPresent()) {
        users.add(new User(fields[0], uid.getAsLong(), gid.getAsLong()));
      }
    }
    List<Group> groups = new ArrayList<>();
    for (String[] fields : lines(files.read("/etc/group"), 3)) {
      OptionalLong gid = id(fields[2]);
      if (gid.isPresent()) {
        List<String> members = fields.length > 3 ? List.of(fields[3].split(",")) : List.of();
        groups.add(new Group(fields[0], gid.getAsLong(), members));
      }
    }
    return new Accounts(users, groups);
  }

  Optional<User> user(String name) {
    return users.stream().filter(user -> user.name().equals(name)).findFirst();
  }

  Optional<User> user(long uid) {
    return users.stream().filter(user -> user.uid() == uid).findFirst();
  }

  Optional<Group> group(String name) {
    return groups.stream().filter(group -> group.name().equals(name)).findFirst();
  }

  /** Ids of the groups that list {@code userName} as a member, in the file's order. */
  List<Long> memberships(String userName) {
    return groups.stream()
        .filter(group -> group.members().contains(userName))
        .map(Group::gid)
        .toList();
  }

  /** The id that {@code text} is in decimal, if it is one the kernel accepts. */
  static OptionalLong id(String text) {
    if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    long id = Long.parseLong(text);
    return id <= ID_MAX ? OptionalLong.of(id) : OptionalLong.empty();
  }

  private static List<String[]> lines(Optional<String> text, int leastFields) {
    return text.orElse("")
        .lines()
        .map(line -> line.strip().split(":", -1))
        .filter(fields -> fields.length >= leastFields && !fields[0].isEmpty())
        .toList();
  }
}
