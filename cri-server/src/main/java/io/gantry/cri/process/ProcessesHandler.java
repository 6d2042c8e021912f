package io.gantry.cri.process;

import io.gantry.cri.container.RunningContainers;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.v1.ProcessRow;
import io.gantry.proto.v1.ProcessesRequest;
import io.gantry.proto.v1.ProcessesResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Processes: what the machine's ps(1) says, of the container's processes only. */
final class ProcessesHandler implements Handler<ProcessesRequest, ProcessesResponse> {
  private static final List<String> DEFAULT_ARGUMENTS = List.of("-ef");

  private final RunningContainers running;

  ProcessesHandler(RunningContainers running) {
    this.running = running;
  }

  @Override
  public ProcessesResponse handle(ProcessesRequest request) throws Exception {
    String id = ProcessRpcs.required("list processes of", request.getContainerId());
    RunningContainers.Found found = running.get(id);
    String asked = request.getPsArguments().strip();
    List<String> arguments = asked.isEmpty() ? DEFAULT_ARGUMENTS : List.of(asked.split("\\s+"));
    String printed = HostPs.run(arguments);
    // Asked afterwards: one that came in between would be missing either way, one that went is not
    // told of.
    Set<Integer> pids = new HashSet<>(found.shim().pids(found.container().id()));
    try {
      return PsTable.parse(printed).only(pids);
    } catch (IllegalArgumentException e) {
      throw CriException.invalid("ps " + String.join(" ", arguments) + ": " + e.getMessage());
    }
  }

  /** What ps printed, in columns. */
  record PsTable(List<String> titles, int pidColumn, List<List<String>> rows) {

    /**
     * @throws IllegalArgumentException if there is no column of process ids
     */
    static PsTable parse(String printed) {
      List<String> lines = printed.lines().filter(line -> !line.isBlank()).toList();
      List<String> titles =
          lines.isEmpty() ? List.of() : List.of(lines.get(0).strip().split("\\s+"));
      int pidColumn = titles.indexOf("PID");
      if (pidColumn < 0) {
        throw new IllegalArgumentException("it prints no column PID");
      }
      List<List<String>> rows = new ArrayList<>();
      for (String line : lines.subList(1, lines.size())) {
        // The last column, mostly the command, may have blanks in it.
        rows.add(List.of(line.strip().split("\\s+", titles.size())));
      }
      return new PsTable(titles, pidColumn, rows);
    }

    ProcessesResponse only(Set<Integer> pids) {
      ProcessesResponse.Builder response = ProcessesResponse.newBuilder().addAllTitles(titles);
      for (List<String> row : rows) {
        if (row.size() > pidColumn && isOneOf(pids, row.get(pidColumn))) {
          response.addRows(ProcessRow.newBuilder().addAllCells(row));
        }
      }
      return response.build();
    }

    private static boolean isOneOf(Set<Integer> pids, String text) {
      return text.matches("[0-9]{1,9}") && pids.contains(Integer.parseInt(text));
    }
  }
}
