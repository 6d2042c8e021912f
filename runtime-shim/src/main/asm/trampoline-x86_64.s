# Clones the calling thread and carries out a launch plan in the child.
#
# long trampoline(struct launch *launch): the child's pid, or the negated errno of the clone call.
#
# Layouts are those of LaunchImage: launch {0 number of the clone call, 8..47 its five arguments, 48 full signal set,
# 56 former signal set, 64 failed flag, 72 current step, 80 first step}, step {0 number, 8..55 addresses of six arguments,
# 56..103 their constants, 104 four ignored errnos of 16 bits, 112 result}, 128 bytes each.
#
# The child may share the parent's memory and even its stack, so it pushes nothing, calls nothing and writes only into the
# launch's memory. Signals stay blocked: a handler of the virtual machine must not run in it.
    .intel_syntax noprefix
    .text
    .globl trampoline
trampoline:
    push rbx
    push r12
    mov rbx, rdi
    mov eax, 14                 # rt_sigprocmask(SIG_SETMASK, full, former, 8)
    mov edi, 2
    lea rsi, [rbx + 48]
    lea rdx, [rbx + 56]
    mov r10d, 8
    syscall
    mov rax, [rbx]
    mov rdi, [rbx + 8]
    mov rsi, [rbx + 16]
    mov rdx, [rbx + 24]
    mov r10, [rbx + 32]
    mov r8, [rbx + 40]
    syscall
    test rax, rax
    jz child
    mov r12, rax
    mov eax, 14                 # rt_sigprocmask(SIG_SETMASK, former, NULL, 8)
    mov edi, 2
    lea rsi, [rbx + 56]
    xor edx, edx
    mov r10d, 8
    syscall
    mov rax, r12
    pop r12
    pop rbx
    ret
child:
    mov r12, [rbx + 80]
step:
    mov [rbx + 72], r12
    mov rdi, [r12 + 8]
    mov rdi, [rdi]
    mov rsi, [r12 + 16]
    mov rsi, [rsi]
    mov rdx, [r12 + 24]
    mov rdx, [rdx]
    mov r10, [r12 + 32]
    mov r10, [r10]
    mov r8, [r12 + 40]
    mov r8, [r8]
    mov r9, [r12 + 48]
    mov r9, [r9]
    mov rax, [r12]
    syscall
    mov [r12 + 112], rax
    cmp rax, -4095
    jb next                     # unsigned: not an errno
    neg eax
    cmp ax, [r12 + 104]
    je next
    cmp ax, [r12 + 106]
    je next
    cmp ax, [r12 + 108]
    je next
    cmp ax, [r12 + 110]
    je next
    mov qword ptr [rbx + 64], 1
    mov eax, 231                # exit_group(127)
    mov edi, 127
    syscall
    ud2                         # a filter that forbids to exit: die of SIGILL
next:
    add r12, 128
    jmp step
