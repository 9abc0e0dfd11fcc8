;; RC4 for core/mse/rc4.ts, which bears the bytes of this module; rc4.test.ts assembles this text and compares.
;; Bytes 0 to 255 of the memory are the permutation, 256 is i, 257 is j. One instruction a line, as the test's assembler reads it.
(module
  (memory (export "memory") 5)
  (func (export "crypt") (param $at i32) (param $end i32) (local $i i32) (local $j i32) (local $a i32) (local $b i32)
    i32.const 0
    i32.load8_u offset=256
    local.set $i
    i32.const 0
    i32.load8_u offset=257
    local.set $j
    block
      loop
        local.get $at
        local.get $end
        i32.ge_u
        br_if 1
        ;; i = i + 1, a = S[i]
        local.get $i
        i32.const 1
        i32.add
        i32.const 255
        i32.and
        local.tee $i
        i32.load8_u
        local.tee $a
        ;; j = j + a, b = S[j]
        local.get $j
        i32.add
        i32.const 255
        i32.and
        local.tee $j
        i32.load8_u
        local.set $b
        ;; S[i] = b, S[j] = a
        local.get $i
        local.get $b
        i32.store8
        local.get $j
        local.get $a
        i32.store8
        ;; [at] = [at] xor S[a + b]
        local.get $at
        local.get $at
        i32.load8_u
        local.get $a
        local.get $b
        i32.add
        i32.const 255
        i32.and
        i32.load8_u
        i32.xor
        i32.store8
        local.get $at
        i32.const 1
        i32.add
        local.set $at
        br 0
      end
    end
    i32.const 0
    local.get $i
    i32.store8 offset=256
    i32.const 0
    local.get $j
    i32.store8 offset=257
  )
)
