package io.gantry.cri.images;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.image.LocalImages;
import io.gantry.image.check.CheckSummary;
import io.gantry.image.check.Finding;
import io.gantry.proto.v1.CheckFinding;
import io.gantry.proto.v1.CheckRequest;

/** Check of gantry.v1.Images: each flaw of the image store as it is found, then a summary. */
public final class CheckImages implements StreamHandler<CheckRequest, CheckFinding> {

  private final LocalImages images;

  public CheckImages(LocalImages images) {
    this.images = images;
  }

  @Override
  public void handle(CheckRequest request, Answers<CheckFinding> answers) throws Exception {
    CheckSummary summary =
        images.check(request.getRepair(), finding -> answers.send(message(finding)));
    answers.send(
        CheckFinding.newBuilder()
            .setKind(CheckFinding.Kind.SUMMARY)
            .setChecked(summary.checked())
            .setBad(summary.bad())
            .setBytes(summary.bytes())
            .setRepaired(summary.isSound())
            .build());
  }

  private static CheckFinding message(Finding finding) {
    return CheckFinding.newBuilder()
        .setKind(
            switch (finding.kind()) {
              case BLOB -> CheckFinding.Kind.BLOB;
              case LAYER -> CheckFinding.Kind.LAYER;
              case RECORD -> CheckFinding.Kind.RECORD;
            })
        .setName(finding.name())
        .setProblem(finding.problem())
        .setRepair(finding.repair().orElse(""))
        .setRepaired(finding.repaired())
        .build();
  }
}
