package io.gantry.cri.names;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** The names that one pod knows. Asked for each question, so it must answer from memory. */
public interface Zone {
  /**
   * The addresses of a name, of both families.
   *
   * @param name in lower case, without a dot at its end
   * @return empty if it is no name of a pod
   */
  Optional<List<InetAddress>> addresses(String name);

  /** The name of an address; empty if no pod that can be reached has it. */
  Optional<String> nameOf(InetAddress address);

  /** Who is asked for names of others, in this order; empty for those that the machine asks. */
  List<InetSocketAddress> servers();

  /** Whether the pod may know the world's names. */
  boolean knowsTheWorld();
}
