package io.gantry.cri.files;

import io.gantry.cri.grpc.CriException;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * A path in a container as somebody outside names it. Links are followed by name and stay inside
 * the root; the file system itself is never asked to follow one, so that a container that changes
 * them meanwhile gets an error at most (CVE-2018-15664).
 */
final class ContainerPath {
  private static final int LINK_LIMIT = 40; // As the kernel's MAXSYMLINKS.

  private final String asked;
  private final String text;

  /**
   * @throws CriException if it is empty, or can be no path
   */
  ContainerPath(String asked) {
    if (asked.isEmpty() || asked.indexOf('\0') >= 0) {
      throw CriException.invalid("path \"" + asked + "\" is none");
    }
    this.asked = asked;
    this.text = PathText.toTree(asked);
  }

  /** Its last element, as it was asked for; "/" for the root. */
  String name() {
    String name = lastElement();
    return name.isEmpty() ? "/" : name;
  }

  private String lastElement() {
    int end = asked.length();
    while (end > 0 && asked.charAt(end - 1) == '/') {
      end--;
    }
    return asked.substring(asked.lastIndexOf('/', end - 1) + 1, end);
  }

  /** What names in an archive of it begin with; empty for the content alone. */
  String archiveName() {
    String name = lastElement();
    return name.equals(".") || name.equals("..") ? "" : PathText.toTree(name);
  }

  /** Where it really is: a link at its end counts itself, unless a slash says otherwise. */
  Optional<String> locate(LayerTree root) throws IOException {
    boolean through = text.endsWith("/") || lastElement().equals(".") || lastElement().equals("..");
    return walk(root, "", text, through);
  }

  /** Where it finally leads. */
  Optional<String> follow(LayerTree root) throws IOException {
    return walk(root, "", text, true);
  }

  /** Where a link leads: an absolute path, whether or not there is anything. */
  static String target(LayerTree root, String link) throws IOException {
    String text = root.readLink(link);
    String from = text.startsWith("/") ? "" : MergedTree.parentOf(link);
    Optional<String> real = walk(root, from, text, true);
    return "/" + PathText.fromTree(real.orElseGet(() -> lexical(from, text)));
  }

  private static String lexical(String from, String text) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : (from + "/" + text).split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  private static Optional<String> walk(
      LayerTree root, String from, String path, boolean throughLast) throws IOException {
    Deque<String> left = new ArrayDeque<>(Arrays.asList(path.split("/")));
    String at = from;
    int links = 0;
    while (!left.isEmpty()) {
      String name = left.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = MergedTree.parentOf(at);
        continue;
      }
      String child = at.isEmpty() ? name : at + "/" + name;
      Optional<Node> node = root.find(child);
      if (node.isEmpty()) {
        return Optional.empty();
      }
      boolean last = left.stream().allMatch(String::isEmpty);
      if (node.get().kind() != Node.Kind.SYMBOLIC_LINK || last && !throughLast) {
        if (!last && !node.get().isDirectory()) {
          return Optional.empty();
        }
        at = child;
        continue;
      }
      if (++links > LINK_LIMIT) {
        throw CriException.invalid(
            "path " + PathText.fromTree(path) + " leads through more than 40 symbolic links");
      }
      String target = root.readLink(child);
      at = target.startsWith("/") ? "" : at;
      String[] parts = target.split("/");
      for (int i = parts.length - 1; i >= 0; i--) {
        left.push(parts[i]);
      }
    }
    return Optional.of(at);
  }
}
