package io.gantry.image.unpack;

import io.gantry.image.tree.Timestamp;
import io.gantry.image.unpack.TarEntry.Extent;
import io.gantry.image.unpack.TarEntry.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads tar archives as a stream: POSIX ustar and pax, GNU with its long names, large numbers and
 * sparse files. Names stay bytes and attributes stay binary, which is what commons-compress cannot
 * do (it decodes pax values as UTF-8 and so destroys security.capability). Memory use is bounded
 * whatever the archive says. Confined to one thread.
 */
public final class TarReader {

  // As Go's archive/tar; real ones are far smaller.
  private static final int SPECIAL_LIMIT_BYTES = 1 << 20;
  private static final int EXTENT_LIMIT = 100_000;

  private final InputStream in;
  private final byte[] block = new byte[TarHeader.BLOCK_BYTES];
  private PaxRecords global = PaxRecords.NONE;
  private long globalBytes;
  // What is left of the current member's content, and the padding behind it.
  private long contentLeft;
  private long padding;

  public TarReader(InputStream in) {
    this.in = in;
  }

  /**
   * Goes to the next member, past what was not read of the current one.
   *
   * @return nothing at the archive's end
   */
  public Optional<TarEntry> next() throws IOException {
    PaxRecords pax = PaxRecords.NONE;
    Optional<String> longName = Optional.empty();
    Optional<String> longLink = Optional.empty();
    while (true) {
      skipFully(contentLeft + padding);
      contentLeft = 0;
      padding = 0;
      if (!readBlock() || TarHeader.isZero(block)) {
        return Optional.empty();
      }
      TarHeader header = TarHeader.of(block.clone());
      switch (header.type()) {
        case 'x', 'X' -> pax = PaxRecords.parse(special(header));
        case 'g' -> addGlobal(special(header));
        case 'L' -> longName = Optional.of(zeroEnded(special(header)));
        case 'K' -> longLink = Optional.of(zeroEnded(special(header)));
        case 'V' -> begin(header.size()); // A volume's label, nothing to unpack.
        default -> {
          return Optional.of(entry(header, pax.over(global), longName, longLink));
        }
      }
    }
  }

  /** Global records pile up over the archive, so that their sum is bounded and not just each. */
  private void addGlobal(byte[] records) throws MalformedTarException {
    globalBytes += records.length;
    if (globalBytes > SPECIAL_LIMIT_BYTES) {
      throw new MalformedTarException(
          "its global pax headers are more than " + SPECIAL_LIMIT_BYTES + " bytes");
    }
    global = PaxRecords.parse(records).over(global);
  }

  /** Reads content of the current member; -1 at its end. */
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (contentLeft == 0) {
      return -1;
    }
    int n = in.read(buffer, offset, (int) Math.min(length, contentLeft));
    if (n < 0) {
      throw new EOFException("the archive ends within a file's content");
    }
    contentLeft -= n;
    return n;
  }

  private TarEntry entry(
      TarHeader header, PaxRecords pax, Optional<String> longName, Optional<String> longLink)
      throws IOException {
    String name = pax.text("GNU.sparse.name").or(() -> longName).orElse(header.name());
    if (pax.text("GNU.sparse.name").isEmpty() && pax.text("path").isPresent()) {
      name = pax.text("path").get();
    }
    Kind kind = kind(header.type(), name);
    boolean withContent = kind == Kind.REGULAR || kind == Kind.HARD_LINK;
    Optional<Long> paxSize = pax.number("size");
    long stored = withContent ? paxSize.isPresent() ? paxSize.get() : header.size() : 0;
    begin(stored);
    Sparse sparse = kind == Kind.REGULAR ? sparse(header, pax) : new Sparse(0, List.of());
    return new TarEntry(
        kind,
        name,
        pax.text("linkpath").or(() -> longLink).orElse(header.link()),
        header.permissions(),
        pax.number("uid").isPresent() ? pax.number("uid").get() : header.uid(),
        pax.number("gid").isPresent() ? pax.number("gid").get() : header.gid(),
        contentLeft,
        sparse.sizeBytes(),
        sparse.data(),
        pax.time("mtime").isPresent()
            ? pax.time("mtime").get()
            : new Timestamp(header.modified(), 0),
        kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE ? header.major() : 0,
        kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE ? header.minor() : 0,
        pax.attributes());
  }

  private static Kind kind(char type, String name) throws MalformedTarException {
    return switch (type) {
      case '0', '7', 'S' -> Kind.REGULAR;
      case '\0' -> name.endsWith("/") ? Kind.DIRECTORY : Kind.REGULAR; // As before POSIX.
      case '1' -> Kind.HARD_LINK;
      case '2' -> Kind.SYMBOLIC_LINK;
      case '3' -> Kind.CHARACTER_DEVICE;
      case '4' -> Kind.BLOCK_DEVICE;
      case '5' -> Kind.DIRECTORY;
      case '6' -> Kind.FIFO;
      default ->
          throw new MalformedTarException(
              "members of type '" + (type >= ' ' && type < 0x7f ? type : '?') + "' are not known");
    };
  }

  private record Sparse(long sizeBytes, List<Extent> data) {}

  private Sparse sparse(TarHeader header, PaxRecords pax) throws IOException {
    List<Long> numbers;
    long size;
    if (header.type() == 'S') {
      size = header.number(483, 12, "real size");
      numbers = oldGnuMap(header);
    } else if (pax.text("GNU.sparse.major").orElse("").equals("1")) {
      size = pax.number("GNU.sparse.realsize").orElse(contentLeft);
      numbers = mapInContent();
    } else if (pax.sparseMap().isPresent()) {
      size = pax.number("GNU.sparse.size").orElse(contentLeft);
      numbers = pax.sparseMap().get();
    } else {
      return new Sparse(
          contentLeft, contentLeft == 0 ? List.of() : List.of(new Extent(0, contentLeft)));
    }
    return new Sparse(size, extents(numbers, size));
  }

  private List<Extent> extents(List<Long> numbers, long size) throws MalformedTarException {
    if (numbers.size() % 2 != 0 || numbers.size() / 2 > EXTENT_LIMIT) {
      throw new MalformedTarException("a sparse file's map is malformed");
    }
    List<Extent> extents = new ArrayList<>();
    long end = 0;
    long stored = 0;
    for (int i = 0; i < numbers.size(); i += 2) {
      long offset = numbers.get(i);
      long length = numbers.get(i + 1);
      if (offset < end || length < 0 || offset > size || length > size - offset) {
        throw new MalformedTarException("a sparse file's map is out of order");
      }
      end = offset + length;
      stored += length;
      if (length > 0) {
        extents.add(new Extent(offset, length));
      }
    }
    if (stored != contentLeft) {
      throw new MalformedTarException("a sparse file's map and its content differ in length");
    }
    return extents;
  }

  /**
   * The map within the header, and in blocks of its own behind it (GNU tar manual, "Old GNU
   * Format").
   */
  private List<Long> oldGnuMap(TarHeader header) throws IOException {
    List<Long> numbers = new ArrayList<>();
    addPairs(numbers, header, 386, 4);
    boolean more = header.flag(482);
    while (more) {
      if (!readBlock() || numbers.size() / 2 > EXTENT_LIMIT) {
        throw new MalformedTarException("a sparse file's map is malformed");
      }
      // Not a header, so it has no checksum to look at.
      TarHeader extension = TarHeader.unchecked(block.clone());
      addPairs(numbers, extension, 0, 21);
      more = extension.flag(504);
    }
    return numbers;
  }

  private static void addPairs(List<Long> numbers, TarHeader block, int offset, int count)
      throws MalformedTarException {
    for (int i = 0; i < count; i++) {
      int at = offset + 24 * i;
      if (!block.flag(at) && !block.flag(at + 12)) {
        return;
      }
      numbers.add(block.number(at, 12, "sparse map"));
      numbers.add(block.number(at + 12, 12, "sparse map"));
    }
  }

  /**
   * The map at the head of the content: decimal numbers on lines, filled up to a block (GNU tar
   * manual, "PAX Format, Version 1.0").
   */
  private List<Long> mapInContent() throws IOException {
    List<Long> numbers = new ArrayList<>();
    long wanted = -1;
    long number = -1;
    int at = TarHeader.BLOCK_BYTES;
    while (wanted < 0 || numbers.size() < wanted) {
      if (at == TarHeader.BLOCK_BYTES) {
        if (contentLeft < TarHeader.BLOCK_BYTES || !readBlock()) {
          throw new MalformedTarException("a sparse file's map is malformed");
        }
        contentLeft -= TarHeader.BLOCK_BYTES;
        at = 0;
      }
      byte b = block[at++];
      if (b >= '0' && b <= '9' && number < Long.MAX_VALUE / 20) {
        number = Math.max(number, 0) * 10 + b - '0';
        continue;
      }
      if (b != '\n' || number < 0 || wanted < 0 && number > EXTENT_LIMIT) {
        throw new MalformedTarException("a sparse file's map is malformed");
      }
      if (wanted < 0) {
        wanted = number * 2;
      } else {
        numbers.add(number);
      }
      number = -1;
    }
    return numbers;
  }

  private void begin(long size) throws MalformedTarException {
    if (size < 0 || size > Long.MAX_VALUE - TarHeader.BLOCK_BYTES) {
      throw new MalformedTarException("a member's size of " + size + " bytes is impossible");
    }
    contentLeft = size;
    padding = (TarHeader.BLOCK_BYTES - size % TarHeader.BLOCK_BYTES) % TarHeader.BLOCK_BYTES;
  }

  private byte[] special(TarHeader header) throws IOException {
    begin(header.size());
    if (contentLeft > SPECIAL_LIMIT_BYTES) {
      throw new MalformedTarException(
          "an extended header of " + contentLeft + " bytes is more than " + SPECIAL_LIMIT_BYTES);
    }
    byte[] bytes = in.readNBytes((int) contentLeft);
    if (bytes.length < contentLeft) {
      throw new EOFException("the archive ends within an extended header");
    }
    contentLeft = 0;
    return bytes;
  }

  private static String zeroEnded(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
  }

  /** Reads a block; false if the archive ended before it. */
  private boolean readBlock() throws IOException {
    int n = in.readNBytes(block, 0, block.length);
    if (n != 0 && n != block.length) {
      throw new EOFException("the archive ends within a block");
    }
    return n != 0;
  }

  private void skipFully(long count) throws IOException {
    try {
      in.skipNBytes(count);
    } catch (EOFException e) {
      throw new EOFException("the archive ends within a file's content");
    }
  }
}
