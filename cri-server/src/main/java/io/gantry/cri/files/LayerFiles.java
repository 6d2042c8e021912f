package io.gantry.cri.files;

import com.google.protobuf.ByteString;
import io.gantry.cri.container.Container;
import io.gantry.cri.container.Containers;
import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Incoming;
import io.gantry.cri.grpc.IncomingBytes;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.writable.WritableLayer;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.image.CommitOrder;
import io.gantry.image.ImageRecord;
import io.gantry.image.LocalImages;
import io.gantry.image.archive.ReadableTree;
import io.gantry.image.archive.TreeArchive;
import io.gantry.image.failure.ImageException;
import io.gantry.image.snapshot.LayerChange;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.Node;
import io.gantry.image.unpack.FileUnpacker;
import io.gantry.image.unpack.UnpackLimits;
import io.gantry.proto.cri.v1.LinuxContainerUser;
import io.gantry.proto.v1.Change;
import io.gantry.proto.v1.ChangesRequest;
import io.gantry.proto.v1.CommitRequest;
import io.gantry.proto.v1.CommitResponse;
import io.gantry.proto.v1.ExportLayerRequest;
import io.gantry.proto.v1.LayerArchiveChunk;
import io.gantry.proto.v1.LayersGrpc;
import io.gantry.proto.v1.PathStat;
import io.gantry.proto.v1.ReadArchiveRequest;
import io.gantry.proto.v1.StatRequest;
import io.gantry.proto.v1.WriteArchiveRequest;
import io.gantry.proto.v1.WriteArchiveResponse;
import io.gantry.proto.v1.WriteArchiveStart;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** The RPCs about the files of layers. Thread-safe. */
public final class LayerFiles {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final LayerViews views;
  private final WritableLayers layers;
  private final LocalImages images;
  private final Containers containers;
  private final ImageUsers users;

  /** Finds out whom an image's user is. */
  public interface ImageUsers {
    FileUnpacker.Owner of(WritableLayer layer) throws IOException;
  }

  public LayerFiles(
      LayerViews views,
      WritableLayers layers,
      LocalImages images,
      Containers containers,
      ImageUsers users) {
    this.views = views;
    this.layers = layers;
    this.images = images;
    this.containers = containers;
    this.users = users;
  }

  public void register(RpcService service) {
    service
        .handle(LayersGrpc.getStatMethod(), this::stat)
        .handle(LayersGrpc.getCommitMethod(), this::commit)
        .stream(LayersGrpc.getReadArchiveMethod(), this::read)
        .stream(LayersGrpc.getChangesMethod(), this::changes)
        .stream(LayersGrpc.getExportMethod(), this::export)
        .converse(LayersGrpc.getWriteArchiveMethod(), this::write);
  }

  private PathStat stat(StatRequest request) throws Exception {
    ContainerPath path = new ContainerPath(request.getPath());
    return views.look(
        request.getKey(),
        request.getMountsList(),
        false,
        root -> describe(root, path, locate(root, path, request.getKey(), request.getPath())));
  }

  private static String locate(LayerTree root, ContainerPath path, String key, String asked)
      throws IOException {
    return path.locate(root)
        .orElseThrow(
            () ->
                CriException.notFound(
                    "path %s in layer %s: there is nothing".formatted(asked, key)));
  }

  private static PathStat describe(LayerTree root, ContainerPath path, String real)
      throws IOException {
    Node node =
        root.find(real)
            .orElseThrow(() -> CriException.notFound("path " + path.name() + " has just gone"));
    PathStat.Builder stat =
        PathStat.newBuilder()
            .setName(path.name())
            .setSizeBytes(node.sizeBytes())
            .setMode(format(node.kind()) | node.permissions())
            .setModifiedAtNanos(
                node.modified().seconds() * NANOS_PER_SECOND + node.modified().nanos());
    if (node.kind() == Node.Kind.SYMBOLIC_LINK) {
      stat.setLinkTarget(ContainerPath.target(root, real));
    }
    return stat.build();
  }

  /** As in inode(7). */
  private static int format(Node.Kind kind) {
    return switch (kind) {
      case REGULAR -> 0100000;
      case DIRECTORY -> 0040000;
      case SYMBOLIC_LINK -> 0120000;
      case CHARACTER_DEVICE -> 0020000;
      case BLOCK_DEVICE -> 0060000;
      case FIFO -> 0010000;
      case SOCKET -> 0140000;
    };
  }

  private void read(ReadArchiveRequest request, Answers<LayerArchiveChunk> answers)
      throws Exception {
    ContainerPath path = new ContainerPath(request.getPath());
    views.look(
        request.getKey(),
        request.getMountsList(),
        false,
        root -> {
          String real = locate(root, path, request.getKey(), request.getPath());
          answers.send(LayerArchiveChunk.newBuilder().setStat(describe(root, path, real)).build());
          try (OutputStream out = new ChunkOutput(answers)) {
            TreeArchive.write(ReadableTree.of(root), real, path.archiveName(), out);
          }
          return null;
        });
  }

  private void changes(ChangesRequest request, Answers<Change> answers) throws Exception {
    try (WritableLayers.Visit visit = layers.visit(request.getKey())) {
      images.changes(
          visit.layer().snapshotKey(),
          change -> {
            try {
              answers.send(message(change));
            } catch (InterruptedException gone) {
              Thread.currentThread().interrupt();
              throw new IOException("the caller is gone", gone);
            }
          });
    }
  }

  private static Change message(LayerChange change) {
    return Change.newBuilder()
        .setPath("/" + PathText.fromTree(change.path()))
        .setKind(
            switch (change.kind()) {
              case MODIFIED -> Change.Kind.MODIFIED;
              case ADDED -> Change.Kind.ADDED;
              case DELETED -> Change.Kind.DELETED;
            })
        .build();
  }

  private void export(ExportLayerRequest request, Answers<LayerArchiveChunk> answers)
      throws Exception {
    try (WritableLayers.Visit visit = layers.visit(request.getKey());
        OutputStream out = new ChunkOutput(answers)) {
      images.export(visit.layer().snapshotKey(), out);
    }
  }

  private CommitResponse commit(CommitRequest request) throws IOException {
    try (WritableLayers.Visit visit = layers.visit(request.getKey())) {
      WritableLayer layer = visit.layer();
      ByteString config = request.getConfig();
      ImageRecord made =
          images.commit(
              new CommitOrder(
                  layer.snapshotKey(),
                  layer.image(),
                  request.getReference(),
                  config.isEmpty() ? Optional.empty() : Optional.of(config.toStringUtf8()),
                  request.getAuthor(),
                  request.getComment(),
                  request.getCreatedBy()));
      return CommitResponse.newBuilder().setImageId(made.id().toString()).build();
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.CORRUPT) {
        throw CriException.invalid("commit layer " + request.getKey() + ": " + e.getMessage());
      }
      throw e;
    }
  }

  private void write(Incoming<WriteArchiveRequest> incoming, Answers<WriteArchiveResponse> answers)
      throws Exception {
    WriteArchiveRequest first =
        incoming
            .next()
            .filter(WriteArchiveRequest::hasStart)
            .orElseThrow(
                () -> CriException.invalid("write archive: the first message does not say where"));
    WriteArchiveStart start = first.getStart();
    ContainerPath path = new ContainerPath(start.getPath());
    Optional<FileUnpacker.Owner> owner =
        start.getCopyUidGid() ? Optional.of(owner(start.getKey())) : Optional.empty();
    String words = "unpack into %s in layer %s: ".formatted(start.getPath(), start.getKey());
    try {
      views.look(
          start.getKey(),
          start.getMountsList(),
          true,
          root -> {
            String directory =
                path.follow(root)
                    .orElseThrow(() -> CriException.notFound(words + "there is nothing"));
            if (!root.find(directory).map(Node::isDirectory).orElse(false)) {
              throw CriException.invalid(words + "it is no directory");
            }
            new FileUnpacker(UnpackLimits.DEFAULT)
                .unpack(
                    new IncomingBytes<>(incoming, LayerFiles::dataAlone, first.getData()),
                    root,
                    new FileUnpacker.Orders(directory, owner, start.getNoOverwriteDirNonDir()));
            return null;
          });
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.CORRUPT) {
        throw CriException.invalid(words + e.getMessage());
      }
      if (e.getCause() instanceof LinuxException cause && cause.errno() == Errno.EROFS) {
        throw CriException.wrongState(words + "it is mounted read-only");
      }
      throw e;
    }
    answers.send(WriteArchiveResponse.getDefaultInstance());
  }

  private static ByteString dataAlone(WriteArchiveRequest message) {
    if (message.hasStart()) {
      throw CriException.invalid("write archive: only the first message says where");
    }
    return message.getData();
  }

  private FileUnpacker.Owner owner(String key) throws IOException {
    Optional<Container> holder = layers.holder(key).flatMap(containers::find);
    if (holder.isPresent()) {
      LinuxContainerUser user = holder.get().record().user();
      return new FileUnpacker.Owner((int) user.getUid(), (int) user.getGid());
    }
    return users.of(layers.get(key));
  }
}
