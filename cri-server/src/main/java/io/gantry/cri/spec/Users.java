package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.SupplementalGroupsPolicy;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Decides as whom a container's program runs. */
final class Users {
  private final Accounts accounts;

  private Users(Accounts accounts) {
    this.accounts = accounts;
  }

  /**
   * The user of the request, else of the image ({@code imageUser}, as the USER of a Dockerfile),
   * else root. The primary group is always among the supplementary ones, as initgroups(3) does it.
   *
   * @throws CriException if a group is asked for without a user, or a name is not in the image's
   *     account files
   * @throws IOException if these files cannot be read
   */
  static OciUser of(LinuxContainerSecurityContext security, String imageUser, RootFiles files)
      throws IOException {
    requireUserForGroup(security);
    String wanted = wanted(security, imageUser);
    return new Users(Accounts.read(files)).resolve(wanted, security);
  }

  /** Kubernetes refuses the same; a lone group would be combined with a user nobody chose. */
  private static void requireUserForGroup(LinuxContainerSecurityContext security) {
    if (security.hasRunAsGroup()
        && !security.hasRunAsUser()
        && security.getRunAsUsername().isEmpty()) {
      throw CriException.invalid(
          "run_as_group "
              + security.getRunAsGroup().getValue()
              + ": a group is specified without a user");
    }
  }

  /** In the form USER[:GROUP], each a name or a number. */
  private static String wanted(LinuxContainerSecurityContext security, String imageUser) {
    String user = "";
    if (security.hasRunAsUser()) {
      user = Long.toString(security.getRunAsUser().getValue());
    } else if (!security.getRunAsUsername().isEmpty()) {
      user = security.getRunAsUsername();
    }
    if (user.isEmpty()) {
      return imageUser.isEmpty() ? "0" : imageUser;
    }
    return security.hasRunAsGroup() ? user + ":" + security.getRunAsGroup().getValue() : user;
  }

  private OciUser resolve(String wanted, LinuxContainerSecurityContext security) {
    int colon = wanted.indexOf(':');
    String userPart = colon < 0 ? wanted : wanted.substring(0, colon);
    Optional<String> groupPart =
        colon < 0 || colon == wanted.length() - 1
            ? Optional.empty()
            : Optional.of(wanted.substring(colon + 1));
    OptionalLong number = userPart.isEmpty() ? OptionalLong.of(0) : Accounts.id(userPart);
    Optional<Accounts.User> account =
        number.isPresent() ? accounts.user(number.getAsLong()) : accounts.user(userPart);
    if (number.isEmpty() && account.isEmpty()) {
      throw CriException.invalid(
          "user \"" + userPart + "\": no such user in the image's /etc/passwd");
    }
    long uid = number.orElseGet(() -> account.get().uid());
    long gid =
        groupPart.map(this::groupId).orElseGet(() -> account.map(Accounts.User::gid).orElse(0L));
    return new OciUser(uid, gid, OptionalInt.empty(), supplementary(gid, account, security));
  }

  private long groupId(String group) {
    OptionalLong number = Accounts.id(group);
    if (number.isPresent()) {
      return number.getAsLong();
    }
    return accounts
        .group(group)
        .map(Accounts.Group::gid)
        .orElseThrow(
            () ->
                CriException.invalid(
                    "group \"" + group + "\": no such group in the image's /etc/group"));
  }

  /**
   * Strict leaves the image's /etc/group out, so that an image cannot give its user groups
   * (KEP-3619).
   */
  private List<Long> supplementary(
      long gid, Optional<Accounts.User> account, LinuxContainerSecurityContext security) {
    Set<Long> groups = new LinkedHashSet<>();
    groups.add(gid);
    if (security.getSupplementalGroupsPolicy() != SupplementalGroupsPolicy.Strict) {
      account.ifPresent(user -> groups.addAll(accounts.memberships(user.name())));
    }
    for (long group : security.getSupplementalGroupsList()) {
      if (Accounts.id(Long.toString(group)).isEmpty()) {
        throw CriException.invalid("supplemental group " + group + ": not a valid group id");
      }
      groups.add(group);
    }
    return List.copyOf(groups);
  }
}
