package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.proto.cri.v1.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopSignalsTest {

  @ParameterizedTest
  @CsvSource({
    "SIGNAL_SIGHUP,  SIGINT,  SIGNAL_SIGHUP",
    "SIGNAL_RUNTIME_DEFAULT, SIGINT,  SIGNAL_SIGINT",
    "SIGNAL_RUNTIME_DEFAULT, quit,    SIGNAL_SIGQUIT",
    "SIGNAL_RUNTIME_DEFAULT, 9,       SIGNAL_SIGKILL",
    "SIGNAL_RUNTIME_DEFAULT, SIGRTMIN+3, SIGNAL_SIGRTMINPLUS3",
    "SIGNAL_RUNTIME_DEFAULT, 37,      SIGNAL_SIGRTMINPLUS3",
    "SIGNAL_RUNTIME_DEFAULT, RTMAX-1, SIGNAL_SIGRTMAXMINUS1",
    "SIGNAL_RUNTIME_DEFAULT, '',      SIGNAL_SIGTERM",
    "SIGNAL_RUNTIME_DEFAULT, SIGNOPE, SIGNAL_SIGTERM",
    "SIGNAL_RUNTIME_DEFAULT, 99,      SIGNAL_SIGTERM",
    "SIGNAL_RUNTIME_DEFAULT, 0,       SIGNAL_SIGTERM",
  })
  void effective_requestThenImageThenTerm(Signal requested, String image, Signal expected) {
    assertEquals(expected, StopSignals.effective(requested, image));
  }

  /** From signal(7), x86 and ARM. */
  @ParameterizedTest
  @CsvSource({
    "SIGNAL_SIGHUP,1", "SIGNAL_SIGINT,2", "SIGNAL_SIGQUIT,3", "SIGNAL_SIGILL,4",
    "SIGNAL_SIGTRAP,5", "SIGNAL_SIGABRT,6", "SIGNAL_SIGIOT,6", "SIGNAL_SIGBUS,7",
    "SIGNAL_SIGFPE,8", "SIGNAL_SIGKILL,9", "SIGNAL_SIGUSR1,10", "SIGNAL_SIGSEGV,11",
    "SIGNAL_SIGUSR2,12", "SIGNAL_SIGPIPE,13", "SIGNAL_SIGALRM,14", "SIGNAL_SIGTERM,15",
    "SIGNAL_SIGSTKFLT,16", "SIGNAL_SIGCHLD,17", "SIGNAL_SIGCLD,17", "SIGNAL_SIGCONT,18",
    "SIGNAL_SIGSTOP,19", "SIGNAL_SIGTSTP,20", "SIGNAL_SIGTTIN,21", "SIGNAL_SIGTTOU,22",
    "SIGNAL_SIGURG,23", "SIGNAL_SIGXCPU,24", "SIGNAL_SIGXFSZ,25", "SIGNAL_SIGVTALRM,26",
    "SIGNAL_SIGPROF,27", "SIGNAL_SIGWINCH,28", "SIGNAL_SIGIO,29", "SIGNAL_SIGPOLL,29",
    "SIGNAL_SIGPWR,30", "SIGNAL_SIGSYS,31", "SIGNAL_SIGRTMIN,34", "SIGNAL_SIGRTMINPLUS15,49",
    "SIGNAL_SIGRTMAXMINUS14,50", "SIGNAL_SIGRTMAX,64", "SIGNAL_RUNTIME_DEFAULT,15"
  })
  void number_isTheKernels(Signal signal, int number) {
    assertEquals(number, StopSignals.number(signal));
  }

  @Test
  void number_isKnownForEverySignal() {
    for (Signal signal : Signal.values()) {
      int number = StopSignals.number(signal);
      assertEquals(true, number >= 1 && number <= 64, () -> signal + " is " + number);
    }
  }
}
