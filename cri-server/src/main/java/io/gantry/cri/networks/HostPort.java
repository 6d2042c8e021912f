package io.gantry.cri.networks;

import com.google.common.net.InetAddresses;
import io.gantry.cri.grpc.CriException;
import io.gantry.proto.v1.PublishedPort;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * A port of the machine that leads to one of a pod.
 *
 * @param hostPort 0 for one that is free
 * @param hostIp empty for all addresses
 */
record HostPort(Protocol protocol, int containerPort, int hostPort, Optional<InetAddress> hostIp) {
  private static final int LARGEST = 0xffff;

  enum Protocol {
    TCP,
    UDP,
    SCTP;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  HostPort {
    if (containerPort < 1 || containerPort > LARGEST || hostPort < 0 || hostPort > LARGEST) {
      throw new IllegalArgumentException(
          "host port %d to container port %d: ports go from 1 to %d"
              .formatted(hostPort, containerPort, LARGEST));
    }
    hostIp = hostIp.filter(address -> !address.isAnyLocalAddress());
  }

  static HostPort of(PublishedPort port) {
    return new HostPort(
        protocol(port.getProtocol()),
        port.getContainerPort(),
        port.getHostPort(),
        port.getHostIp().isEmpty() ? Optional.empty() : Optional.of(address(port.getHostIp())));
  }

  private static Protocol protocol(String name) {
    return switch (name) {
      case "", "tcp" -> Protocol.TCP;
      case "udp" -> Protocol.UDP;
      case "sctp" -> Protocol.SCTP;
      default ->
          throw CriException.invalid(
              "protocol \"%s\" of a published port is none of tcp, udp, sctp".formatted(name));
    };
  }

  private static InetAddress address(String text) {
    if (!InetAddresses.isInetAddress(text)) {
      throw CriException.invalid("host address \"%s\" is no IP address".formatted(text));
    }
    return InetAddresses.forString(text);
  }

  HostPort at(int found) {
    return new HostPort(protocol, containerPort, found, hostIp);
  }

  /** Whether both cannot be had. */
  boolean collidesWith(HostPort other) {
    return protocol == other.protocol
        && hostPort == other.hostPort
        && (hostIp.isEmpty() || other.hostIp.isEmpty() || hostIp.equals(other.hostIp));
  }

  PublishedPort toProto() {
    return PublishedPort.newBuilder()
        .setProtocol(protocol.toString())
        .setContainerPort(containerPort)
        .setHostPort(hostPort)
        .setHostIp(hostIp.map(InetAddresses::toAddrString).orElse(""))
        .build();
  }

  /** As people write it: {@code 0.0.0.0:8080}. */
  String where() {
    return hostIp.map(InetAddresses::toUriString).orElse("0.0.0.0") + ":" + hostPort;
  }
}
