package io.gantry.runtime.linux;

/**
 * The kernel's error numbers. x86-64 and aarch64 share them (include/uapi/asm-generic/errno.h and
 * errno-base.h).
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int ENOEXEC = 8;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int ENOTBLK = 15;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int ESPIPE = 29;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int EPIPE = 32;
  public static final int EDOM = 33;
  public static final int ERANGE = 34;
  public static final int EDEADLK = 35;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOLCK = 37;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENOMSG = 42;
  public static final int EIDRM = 43;
  public static final int ECHRNG = 44;
  public static final int EL2NSYNC = 45;
  public static final int EL3HLT = 46;
  public static final int EL3RST = 47;
  public static final int ELNRNG = 48;
  public static final int EUNATCH = 49;
  public static final int ENOCSI = 50;
  public static final int EL2HLT = 51;
  public static final int EBADE = 52;
  public static final int EBADR = 53;
  public static final int EXFULL = 54;
  public static final int ENOANO = 55;
  public static final int EBADRQC = 56;
  public static final int EBADSLT = 57;
  public static final int EBFONT = 59;
  public static final int ENOSTR = 60;
  public static final int ENODATA = 61;
  public static final int ETIME = 62;
  public static final int ENOSR = 63;
  public static final int ENONET = 64;
  public static final int ENOPKG = 65;
  public static final int EREMOTE = 66;
  public static final int ENOLINK = 67;
  public static final int EADV = 68;
  public static final int ESRMNT = 69;
  public static final int ECOMM = 70;
  public static final int EPROTO = 71;
  public static final int EMULTIHOP = 72;
  public static final int EDOTDOT = 73;
  public static final int EBADMSG = 74;
  public static final int EOVERFLOW = 75;
  public static final int ENOTUNIQ = 76;
  public static final int EBADFD = 77;
  public static final int EREMCHG = 78;
  public static final int ELIBACC = 79;
  public static final int ELIBBAD = 80;
  public static final int ELIBSCN = 81;
  public static final int ELIBMAX = 82;
  public static final int ELIBEXEC = 83;
  public static final int EILSEQ = 84;
  public static final int ERESTART = 85;
  public static final int ESTRPIPE = 86;
  public static final int EUSERS = 87;
  public static final int ENOTSOCK = 88;
  public static final int EDESTADDRREQ = 89;
  public static final int EMSGSIZE = 90;
  public static final int EPROTOTYPE = 91;
  public static final int ENOPROTOOPT = 92;
  public static final int EPROTONOSUPPORT = 93;
  public static final int ESOCKTNOSUPPORT = 94;
  public static final int EOPNOTSUPP = 95;
  public static final int EPFNOSUPPORT = 96;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRINUSE = 98;
  public static final int EADDRNOTAVAIL = 99;
  public static final int ENETDOWN = 100;
  public static final int ENETUNREACH = 101;
  public static final int ENETRESET = 102;
  public static final int ECONNABORTED = 103;
  public static final int ECONNRESET = 104;
  public static final int ENOBUFS = 105;
  public static final int EISCONN = 106;
  public static final int ENOTCONN = 107;
  public static final int ESHUTDOWN = 108;
  public static final int ETOOMANYREFS = 109;
  public static final int ETIMEDOUT = 110;
  public static final int ECONNREFUSED = 111;
  public static final int EHOSTDOWN = 112;
  public static final int EHOSTUNREACH = 113;
  public static final int EALREADY = 114;
  public static final int EINPROGRESS = 115;
  public static final int ESTALE = 116;
  public static final int EUCLEAN = 117;
  public static final int ENOTNAM = 118;
  public static final int ENAVAIL = 119;
  public static final int EISNAM = 120;
  public static final int EREMOTEIO = 121;
  public static final int EDQUOT = 122;
  public static final int ENOMEDIUM = 123;
  public static final int EMEDIUMTYPE = 124;
  public static final int ECANCELED = 125;
  public static final int ENOKEY = 126;
  public static final int EKEYEXPIRED = 127;
  public static final int EKEYREVOKED = 128;
  public static final int EKEYREJECTED = 129;
  public static final int EOWNERDEAD = 130;
  public static final int ENOTRECOVERABLE = 131;
  public static final int ERFKILL = 132;
  public static final int EHWPOISON = 133;

  private Errno() {}

  /** The symbolic name, such as {@code ENOENT}; {@code errno 4095} for a number without one. */
  public static String name(int errno) {
    switch (errno) {
      case EPERM:
        return "EPERM";
      case ENOENT:
        return "ENOENT";
      case ESRCH:
        return "ESRCH";
      case EINTR:
        return "EINTR";
      case EIO:
        return "EIO";
      case ENXIO:
        return "ENXIO";
      case E2BIG:
        return "E2BIG";
      case ENOEXEC:
        return "ENOEXEC";
      case EBADF:
        return "EBADF";
      case ECHILD:
        return "ECHILD";
      case EAGAIN:
        return "EAGAIN";
      case ENOMEM:
        return "ENOMEM";
      case EACCES:
        return "EACCES";
      case EFAULT:
        return "EFAULT";
      case ENOTBLK:
        return "ENOTBLK";
      case EBUSY:
        return "EBUSY";
      case EEXIST:
        return "EEXIST";
      case EXDEV:
        return "EXDEV";
      case ENODEV:
        return "ENODEV";
      case ENOTDIR:
        return "ENOTDIR";
      case EISDIR:
        return "EISDIR";
      case EINVAL:
        return "EINVAL";
      case ENFILE:
        return "ENFILE";
      case EMFILE:
        return "EMFILE";
      case ENOTTY:
        return "ENOTTY";
      case ETXTBSY:
        return "ETXTBSY";
      case EFBIG:
        return "EFBIG";
      case ENOSPC:
        return "ENOSPC";
      case ESPIPE:
        return "ESPIPE";
      case EROFS:
        return "EROFS";
      case EMLINK:
        return "EMLINK";
      case EPIPE:
        return "EPIPE";
      case EDOM:
        return "EDOM";
      case ERANGE:
        return "ERANGE";
      case EDEADLK:
        return "EDEADLK";
      case ENAMETOOLONG:
        return "ENAMETOOLONG";
      case ENOLCK:
        return "ENOLCK";
      case ENOSYS:
        return "ENOSYS";
      case ENOTEMPTY:
        return "ENOTEMPTY";
      case ELOOP:
        return "ELOOP";
      case ENOMSG:
        return "ENOMSG";
      case EIDRM:
        return "EIDRM";
      case ECHRNG:
        return "ECHRNG";
      case EL2NSYNC:
        return "EL2NSYNC";
      case EL3HLT:
        return "EL3HLT";
      case EL3RST:
        return "EL3RST";
      case ELNRNG:
        return "ELNRNG";
      case EUNATCH:
        return "EUNATCH";
      case ENOCSI:
        return "ENOCSI";
      case EL2HLT:
        return "EL2HLT";
      case EBADE:
        return "EBADE";
      case EBADR:
        return "EBADR";
      case EXFULL:
        return "EXFULL";
      case ENOANO:
        return "ENOANO";
      case EBADRQC:
        return "EBADRQC";
      case EBADSLT:
        return "EBADSLT";
      case EBFONT:
        return "EBFONT";
      case ENOSTR:
        return "ENOSTR";
      case ENODATA:
        return "ENODATA";
      case ETIME:
        return "ETIME";
      case ENOSR:
        return "ENOSR";
      case ENONET:
        return "ENONET";
      case ENOPKG:
        return "ENOPKG";
      case EREMOTE:
        return "EREMOTE";
      case ENOLINK:
        return "ENOLINK";
      case EADV:
        return "EADV";
      case ESRMNT:
        return "ESRMNT";
      case ECOMM:
        return "ECOMM";
      case EPROTO:
        return "EPROTO";
      case EMULTIHOP:
        return "EMULTIHOP";
      case EDOTDOT:
        return "EDOTDOT";
      case EBADMSG:
        return "EBADMSG";
      case EOVERFLOW:
        return "EOVERFLOW";
      case ENOTUNIQ:
        return "ENOTUNIQ";
      case EBADFD:
        return "EBADFD";
      case EREMCHG:
        return "EREMCHG";
      case ELIBACC:
        return "ELIBACC";
      case ELIBBAD:
        return "ELIBBAD";
      case ELIBSCN:
        return "ELIBSCN";
      case ELIBMAX:
        return "ELIBMAX";
      case ELIBEXEC:
        return "ELIBEXEC";
      case EILSEQ:
        return "EILSEQ";
      case ERESTART:
        return "ERESTART";
      case ESTRPIPE:
        return "ESTRPIPE";
      case EUSERS:
        return "EUSERS";
      case ENOTSOCK:
        return "ENOTSOCK";
      case EDESTADDRREQ:
        return "EDESTADDRREQ";
      case EMSGSIZE:
        return "EMSGSIZE";
      case EPROTOTYPE:
        return "EPROTOTYPE";
      case ENOPROTOOPT:
        return "ENOPROTOOPT";
      case EPROTONOSUPPORT:
        return "EPROTONOSUPPORT";
      case ESOCKTNOSUPPORT:
        return "ESOCKTNOSUPPORT";
      case EOPNOTSUPP:
        return "EOPNOTSUPP";
      case EPFNOSUPPORT:
        return "EPFNOSUPPORT";
      case EAFNOSUPPORT:
        return "EAFNOSUPPORT";
      case EADDRINUSE:
        return "EADDRINUSE";
      case EADDRNOTAVAIL:
        return "EADDRNOTAVAIL";
      case ENETDOWN:
        return "ENETDOWN";
      case ENETUNREACH:
        return "ENETUNREACH";
      case ENETRESET:
        return "ENETRESET";
      case ECONNABORTED:
        return "ECONNABORTED";
      case ECONNRESET:
        return "ECONNRESET";
      case ENOBUFS:
        return "ENOBUFS";
      case EISCONN:
        return "EISCONN";
      case ENOTCONN:
        return "ENOTCONN";
      case ESHUTDOWN:
        return "ESHUTDOWN";
      case ETOOMANYREFS:
        return "ETOOMANYREFS";
      case ETIMEDOUT:
        return "ETIMEDOUT";
      case ECONNREFUSED:
        return "ECONNREFUSED";
      case EHOSTDOWN:
        return "EHOSTDOWN";
      case EHOSTUNREACH:
        return "EHOSTUNREACH";
      case EALREADY:
        return "EALREADY";
      case EINPROGRESS:
        return "EINPROGRESS";
      case ESTALE:
        return "ESTALE";
      case EUCLEAN:
        return "EUCLEAN";
      case ENOTNAM:
        return "ENOTNAM";
      case ENAVAIL:
        return "ENAVAIL";
      case EISNAM:
        return "EISNAM";
      case EREMOTEIO:
        return "EREMOTEIO";
      case EDQUOT:
        return "EDQUOT";
      case ENOMEDIUM:
        return "ENOMEDIUM";
      case EMEDIUMTYPE:
        return "EMEDIUMTYPE";
      case ECANCELED:
        return "ECANCELED";
      case ENOKEY:
        return "ENOKEY";
      case EKEYEXPIRED:
        return "EKEYEXPIRED";
      case EKEYREVOKED:
        return "EKEYREVOKED";
      case EKEYREJECTED:
        return "EKEYREJECTED";
      case EOWNERDEAD:
        return "EOWNERDEAD";
      case ENOTRECOVERABLE:
        return "ENOTRECOVERABLE";
      case ERFKILL:
        return "ERFKILL";
      case EHWPOISON:
        return "EHWPOISON";
      default:
        return "errno " + errno;
    }
  }

  /** The name with its meaning in words: {@code ENOENT (no such file or directory)}. */
  public static String describe(int errno) {
    String words = words(errno);
    return words.isEmpty() ? name(errno) : name(errno) + " (" + words + ")";
  }

  private static String words(int errno) {
    switch (errno) {
      case EPERM:
        return "operation not permitted";
      case ENOENT:
        return "no such file or directory";
      case ESRCH:
        return "no such process";
      case EINTR:
        return "interrupted system call";
      case EIO:
        return "input/output error";
      case ENXIO:
        return "no such device or address";
      case E2BIG:
        return "argument list too long";
      case ENOEXEC:
        return "exec format error";
      case EBADF:
        return "bad file descriptor";
      case ECHILD:
        return "no child processes";
      case EAGAIN:
        return "resource temporarily unavailable";
      case ENOMEM:
        return "cannot allocate memory";
      case EACCES:
        return "permission denied";
      case EFAULT:
        return "bad address";
      case ENOTBLK:
        return "block device required";
      case EBUSY:
        return "device or resource busy";
      case EEXIST:
        return "file exists";
      case EXDEV:
        return "invalid cross-device link";
      case ENODEV:
        return "no such device";
      case ENOTDIR:
        return "not a directory";
      case EISDIR:
        return "is a directory";
      case EINVAL:
        return "invalid argument";
      case ENFILE:
        return "too many open files in system";
      case EMFILE:
        return "too many open files";
      case ENOTTY:
        return "inappropriate ioctl for device";
      case ETXTBSY:
        return "text file busy";
      case EFBIG:
        return "file too large";
      case ENOSPC:
        return "no space left on device";
      case ESPIPE:
        return "illegal seek";
      case EROFS:
        return "read-only file system";
      case EMLINK:
        return "too many links";
      case EPIPE:
        return "broken pipe";
      case EDOM:
        return "numerical argument out of domain";
      case ERANGE:
        return "numerical result out of range";
      case EDEADLK:
        return "resource deadlock avoided";
      case ENAMETOOLONG:
        return "file name too long";
      case ENOLCK:
        return "no locks available";
      case ENOSYS:
        return "function not implemented";
      case ENOTEMPTY:
        return "directory not empty";
      case ELOOP:
        return "too many levels of symbolic links";
      case ENOMSG:
        return "no message of desired type";
      case EIDRM:
        return "identifier removed";
      case ECHRNG:
        return "channel number out of range";
      case EL2NSYNC:
        return "level 2 not synchronized";
      case EL3HLT:
        return "level 3 halted";
      case EL3RST:
        return "level 3 reset";
      case ELNRNG:
        return "link number out of range";
      case EUNATCH:
        return "protocol driver not attached";
      case ENOCSI:
        return "no CSI structure available";
      case EL2HLT:
        return "level 2 halted";
      case EBADE:
        return "invalid exchange";
      case EBADR:
        return "invalid request descriptor";
      case EXFULL:
        return "exchange full";
      case ENOANO:
        return "no anode";
      case EBADRQC:
        return "invalid request code";
      case EBADSLT:
        return "invalid slot";
      case EBFONT:
        return "bad font file format";
      case ENOSTR:
        return "device not a stream";
      case ENODATA:
        return "no data available";
      case ETIME:
        return "timer expired";
      case ENOSR:
        return "out of streams resources";
      case ENONET:
        return "machine is not on the network";
      case ENOPKG:
        return "package not installed";
      case EREMOTE:
        return "object is remote";
      case ENOLINK:
        return "link has been severed";
      case EADV:
        return "advertise error";
      case ESRMNT:
        return "srmount error";
      case ECOMM:
        return "communication error on send";
      case EPROTO:
        return "protocol error";
      case EMULTIHOP:
        return "multihop attempted";
      case EDOTDOT:
        return "RFS specific error";
      case EBADMSG:
        return "bad message";
      case EOVERFLOW:
        return "value too large for defined data type";
      case ENOTUNIQ:
        return "name not unique on network";
      case EBADFD:
        return "file descriptor in bad state";
      case EREMCHG:
        return "remote address changed";
      case ELIBACC:
        return "can not access a needed shared library";
      case ELIBBAD:
        return "accessing a corrupted shared library";
      case ELIBSCN:
        return ".lib section in a.out corrupted";
      case ELIBMAX:
        return "attempting to link in too many shared libraries";
      case ELIBEXEC:
        return "cannot exec a shared library directly";
      case EILSEQ:
        return "invalid or incomplete multibyte or wide character";
      case ERESTART:
        return "interrupted system call should be restarted";
      case ESTRPIPE:
        return "streams pipe error";
      case EUSERS:
        return "too many users";
      case ENOTSOCK:
        return "socket operation on non-socket";
      case EDESTADDRREQ:
        return "destination address required";
      case EMSGSIZE:
        return "message too long";
      case EPROTOTYPE:
        return "protocol wrong type for socket";
      case ENOPROTOOPT:
        return "protocol not available";
      case EPROTONOSUPPORT:
        return "protocol not supported";
      case ESOCKTNOSUPPORT:
        return "socket type not supported";
      case EOPNOTSUPP:
        return "operation not supported";
      case EPFNOSUPPORT:
        return "protocol family not supported";
      case EAFNOSUPPORT:
        return "address family not supported by protocol";
      case EADDRINUSE:
        return "address already in use";
      case EADDRNOTAVAIL:
        return "cannot assign requested address";
      case ENETDOWN:
        return "network is down";
      case ENETUNREACH:
        return "network is unreachable";
      case ENETRESET:
        return "network dropped connection on reset";
      case ECONNABORTED:
        return "software caused connection abort";
      case ECONNRESET:
        return "connection reset by peer";
      case ENOBUFS:
        return "no buffer space available";
      case EISCONN:
        return "transport endpoint is already connected";
      case ENOTCONN:
        return "transport endpoint is not connected";
      case ESHUTDOWN:
        return "cannot send after transport endpoint shutdown";
      case ETOOMANYREFS:
        return "too many references: cannot splice";
      case ETIMEDOUT:
        return "connection timed out";
      case ECONNREFUSED:
        return "connection refused";
      case EHOSTDOWN:
        return "host is down";
      case EHOSTUNREACH:
        return "no route to host";
      case EALREADY:
        return "operation already in progress";
      case EINPROGRESS:
        return "operation now in progress";
      case ESTALE:
        return "stale file handle";
      case EUCLEAN:
        return "structure needs cleaning";
      case ENOTNAM:
        return "not a XENIX named type file";
      case ENAVAIL:
        return "no XENIX semaphores available";
      case EISNAM:
        return "is a named type file";
      case EREMOTEIO:
        return "remote I/O error";
      case EDQUOT:
        return "disk quota exceeded";
      case ENOMEDIUM:
        return "no medium found";
      case EMEDIUMTYPE:
        return "wrong medium type";
      case ECANCELED:
        return "operation canceled";
      case ENOKEY:
        return "required key not available";
      case EKEYEXPIRED:
        return "key has expired";
      case EKEYREVOKED:
        return "key has been revoked";
      case EKEYREJECTED:
        return "key was rejected by service";
      case EOWNERDEAD:
        return "owner died";
      case ENOTRECOVERABLE:
        return "state not recoverable";
      case ERFKILL:
        return "operation not possible due to RF-kill";
      case EHWPOISON:
        return "memory page has hardware error";
      default:
        return "";
    }
  }
}
