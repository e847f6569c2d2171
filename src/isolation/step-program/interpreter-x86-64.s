# Interpreter of a step program on x86-64: walks a table of system calls. Rebuild:
#   as -o i.o interpreter-x86-64.s && objcopy -O binary -j .text i.o i.bin
# Entry (8 quadwords): call, a0..a5, slot. call: bits 0-31 number, 32-47 entries to jump over (signed), 60 jump when it failed,
# 61 jump when the result is not zero, 62 failure is allowed. slot: address that gets the result, or 0.
# A failure that nothing allows is written to descriptor 3 as {-errno, address of the entry}; the process then exits with 127.
.intel_syntax noprefix
.globl _start
_start:
  lea r12, [rip+table]
loop:
  mov rbx, [r12]
  mov eax, ebx
  mov rdi, [r12+8]
  mov rsi, [r12+16]
  mov rdx, [r12+24]
  mov r10, [r12+32]
  mov r8, [r12+40]
  mov r9, [r12+48]
  syscall
  mov rcx, rbx
  shr rcx, 32
  movsx rcx, cx
  shl rcx, 6
  cmp rax, -4095
  jae failed
  mov r14, [r12+56]
  test r14, r14
  jz stored
  mov [r14], rax
stored:
  bt rbx, 61
  jnc next
  test rax, rax
  jz next
  add r12, rcx
next:
  add r12, 64
  jmp loop
failed:
  bt rbx, 62
  jc next
  bt rbx, 60
  jnc report
  add r12, rcx
  jmp next
report:
  push r12
  push rax
  mov eax, 1
  mov edi, 3
  mov rsi, rsp
  mov edx, 16
  syscall
  mov eax, 231
  mov edi, 127
  syscall
.balign 8
table:
