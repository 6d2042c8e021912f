package io.gantry.cri.names;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Answers questions out of what a pod's zone knows. */
final class Resolution {
  private Resolution() {}

  /** The answer; empty if others are to be asked. */
  static Optional<byte[]> of(Question question, Zone zone) {
    if (!question.isQuery()) {
      return Optional.of(question.answer(Question.NOT_IMPLEMENTED));
    }
    if (question.type() == Question.PTR) {
      return ReverseName.address(question.name())
          .flatMap(zone::nameOf)
          .map(name -> question.answer(Question.NO_ERROR, List.of(Question.nameData(name))));
    }
    Optional<List<InetAddress>> known = zone.addresses(question.name());
    if (known.isEmpty()) {
      return Optional.empty();
    }
    // A name that is ours is so for every type: what we do not have nobody has.
    List<byte[]> records = new ArrayList<>();
    for (InetAddress address : known.get()) {
      int type = address instanceof Inet4Address ? Question.A : Question.AAAA;
      if (type == question.type()) {
        records.add(address.getAddress());
      }
    }
    // Pods of one name share the work.
    Collections.shuffle(records);
    return Optional.of(question.answer(Question.NO_ERROR, records));
  }
}
