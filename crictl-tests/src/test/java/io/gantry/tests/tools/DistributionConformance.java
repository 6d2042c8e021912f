package io.gantry.tests.tools;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The conformance suite of the OCI distribution specification. */
public final class DistributionConformance {

  private static final Duration FIRST_BUILD = Duration.ofMinutes(10);
  private static final Duration RUN = Duration.ofMinutes(5);

  private DistributionConformance() {}

  /**
   * One of its tests.
   *
   * @param status as the suite says it: "passed"
   * @param words why, if it did not pass
   */
  public record Case(String name, String status, String words) {}

  /**
   * Runs all of it, what newer drafts of the specification ask for included.
   *
   * @param host HOST:PORT of a registry without TLS
   * @param directory for its report
   */
  public static List<Case> run(String host, Path directory) throws IOException {
    String builder =
        Checkout.root().resolve("crictl-tests/tools/build-distribution-conformance").toString();
    String program = Command.of(builder).within(FIRST_BUILD).run().orFail().stdout().strip();
    Command.Outcome outcome =
        Command.of(program)
            .with(
                Map.of(
                    "OCI_REGISTRY",
                    host,
                    "OCI_TLS",
                    "disabled",
                    "OCI_VERSION",
                    "dev",
                    "OCI_RESULTS_DIR",
                    directory.toString()))
            .in(directory)
            .within(RUN)
            .run();
    List<Case> cases = read(directory.resolve("junit.xml"));
    if (!outcome.succeeded() && cases.stream().allMatch(each -> each.status().equals("passed"))) {
      throw new AssertionError(outcome.toString());
    }
    return cases;
  }

  private static List<Case> read(Path report) throws IOException {
    List<Case> cases = new ArrayList<>();
    NodeList elements;
    try {
      elements =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(report.toFile())
              .getElementsByTagName("testcase");
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("not a JUnit report: " + report, e);
    }
    for (int i = 0; i < elements.getLength(); i++) {
      Element element = (Element) elements.item(i);
      cases.add(
          new Case(
              element.getAttribute("name"),
              element.getAttribute("status"),
              element.getTextContent()));
    }
    return cases;
  }
}
