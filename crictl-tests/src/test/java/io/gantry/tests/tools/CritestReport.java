package io.gantry.tests.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** What critest reported in JUnit's XML format. */
public record CritestReport(List<Spec> specs) {

  /**
   * One spec of the suite.
   *
   * @param note why it was skipped, or how it failed; empty if it passed
   */
  public record Spec(String name, String status, String note) {

    public boolean skipped() {
      return status.equals("skipped") || status.equals("pending");
    }

    public boolean passed() {
      return status.equals("passed");
    }

    public boolean failed() {
      return !skipped() && !passed();
    }

    public String failure() {
      return name + ": " + status + ": " + note;
    }
  }

  /**
   * Reads a report.
   *
   * @throws IllegalStateException if there is none, because critest did not get that far
   */
  public static CritestReport read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new IllegalStateException("critest reported nothing; see target/critest.log");
    }
    List<Spec> specs = new ArrayList<>();
    NodeList cases = parse(file).getElementsByTagName("testcase");
    for (int i = 0; i < cases.getLength(); i++) {
      Element element = (Element) cases.item(i);
      // Set-up and clean-up of the suite are reported as cases too.
      if (element.getAttribute("name").startsWith("[It]")) {
        specs.add(
            new Spec(
                element.getAttribute("name").substring("[It]".length()).strip(),
                element.getAttribute("status"),
                note(element)));
      }
    }
    return new CritestReport(specs);
  }

  /** The count, then each spec that failed or was skipped with the reason. */
  public String summary(CritestSkips skips) {
    long passed = specs.stream().filter(Spec::passed).count();
    long failed = specs.stream().filter(Spec::failed).count();
    long skipped = specs.stream().filter(Spec::skipped).count();
    StringBuilder text = new StringBuilder();
    text.append(
        "critest: %d of %d specs passed, %d failed, %d skipped%n%n"
            .formatted(passed, specs.size(), failed, skipped));
    for (Spec spec : specs) {
      if (spec.failed()) {
        text.append("FAILED  %s%n        %s%n".formatted(spec.name(), firstLine(spec.note())));
      }
    }
    for (Spec spec : specs) {
      if (spec.skipped()) {
        String reason = skips.reason(spec.name()).orElse(firstLine(spec.note()));
        text.append("skipped %s%n        %s%n".formatted(spec.name(), reason));
      }
    }
    return text.toString();
  }

  private static String note(Element element) {
    for (String tag : new String[] {"failure", "error", "skipped"}) {
      NodeList children = element.getElementsByTagName(tag);
      if (children.getLength() > 0) {
        return ((Element) children.item(0)).getAttribute("message");
      }
    }
    return "";
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static Document parse(Path file) throws IOException {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("not a JUnit report: " + file, e);
    }
  }
}
