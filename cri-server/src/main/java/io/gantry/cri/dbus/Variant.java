package io.gantry.cri.dbus;

import java.util.List;

/** A value together with its type. */
public sealed interface Variant {
  String signature();

  void writeTo(Encoder out);

  /** Type s. */
  record Text(String value) implements Variant {
    @Override
    public String signature() {
      return "s";
    }

    @Override
    public void writeTo(Encoder out) {
      out.string(value);
    }
  }

  /** Type b. */
  record Flag(boolean value) implements Variant {
    @Override
    public String signature() {
      return "b";
    }

    @Override
    public void writeTo(Encoder out) {
      out.uint32(value ? 1 : 0);
    }
  }

  /** Type t; negative values are the largest ones. */
  record Number(long value) implements Variant {
    @Override
    public String signature() {
      return "t";
    }

    @Override
    public void writeTo(Encoder out) {
      out.uint64(value);
    }
  }

  /** Type i. */
  record Signed(int value) implements Variant {
    @Override
    public String signature() {
      return "i";
    }

    @Override
    public void writeTo(Encoder out) {
      out.uint32(value);
    }
  }

  /** Type au. */
  record Numbers(List<Integer> values) implements Variant {
    public Numbers {
      values = List.copyOf(values);
    }

    @Override
    public String signature() {
      return "au";
    }

    @Override
    public void writeTo(Encoder out) {
      out.array(4, elements -> values.forEach(elements::uint32));
    }
  }

  /** Type ay. */
  record Bytes(List<Byte> values) implements Variant {
    public Bytes {
      values = List.copyOf(values);
    }

    @Override
    public String signature() {
      return "ay";
    }

    @Override
    public void writeTo(Encoder out) {
      out.array(1, elements -> values.forEach(elements::octet));
    }
  }

  /** Type as. */
  record Texts(List<String> values) implements Variant {
    public Texts {
      values = List.copyOf(values);
    }

    @Override
    public String signature() {
      return "as";
    }

    @Override
    public void writeTo(Encoder out) {
      out.array(4, elements -> values.forEach(elements::string));
    }
  }

  /** Type a(st): a number for each of several names. */
  record NamedNumbers(List<NamedNumber> values) implements Variant {
    public NamedNumbers {
      values = List.copyOf(values);
    }

    @Override
    public String signature() {
      return "a(st)";
    }

    @Override
    public void writeTo(Encoder out) {
      out.array(
          8,
          elements ->
              values.forEach(each -> elements.struct().string(each.name()).uint64(each.number())));
    }
  }

  /** One of {@link NamedNumbers}. */
  record NamedNumber(String name, long number) {}
}
