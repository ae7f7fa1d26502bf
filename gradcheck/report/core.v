(** What every exported proof rests on: finite sums, zeros beyond the ends of an array, and the adjoint of an indexed
    contraction, whatever its index maps.  Only Coq's standard library is used.

    An array is a function from Z to Z together with a length; entries that it does not have count as 0. *)

Require Import ZArith Lia.
Local Open Scope Z_scope.

(* The arithmetic tactics would leave files behind, and one run would help the next. *)
Global Unset Lia Cache.
Global Unset Nia Cache.

(** * Finite sums: f i for 0 <= i < n, none where n <= 0 *)

Fixpoint first_terms (k : nat) (f : Z -> Z) : Z :=
  match k with
  | O => 0
  | S j => first_terms j f + f (Z.of_nat j)
  end.

Definition sum (n : Z) (f : Z -> Z) : Z := first_terms (Z.to_nat n) f.

Lemma first_terms_ext k f g :
  (forall i, 0 <= i < Z.of_nat k -> f i = g i) -> first_terms k f = first_terms k g.
Proof.
  induction k as [|k IH]; intros H; cbn [first_terms]; [reflexivity|].
  rewrite IH by (intros; apply H; lia). rewrite H by lia. reflexivity.
Qed.

Lemma sum_ext n f g : (forall i, 0 <= i < n -> f i = g i) -> sum n f = sum n g.
Proof. intros H. apply first_terms_ext. intros. apply H. lia. Qed.

Lemma sum_zero n : sum n (fun _ => 0) = 0.
Proof. unfold sum. induction (Z.to_nat n); cbn [first_terms]; lia. Qed.

Lemma sum_add n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. unfold sum. induction (Z.to_nat n); cbn [first_terms]; lia. Qed.

Lemma sum_scale n c f : sum n (fun i => c * f i) = c * sum n f.
Proof. unfold sum. induction (Z.to_nat n) as [|k IH]; cbn [first_terms]; [ring|]. rewrite IH. ring. Qed.

Lemma sum_swap n m f : sum n (fun i => sum m (f i)) = sum m (fun j => sum n (fun i => f i j)).
Proof.
  unfold sum at 1 4. induction (Z.to_nat n) as [|k IH]; cbn [first_terms].
  - symmetry. apply sum_zero.
  - rewrite IH. symmetry. apply (sum_add m (fun j => first_terms k (fun i => f i j))).
Qed.

(** Counting an index down instead of up. *)
Lemma sum_reverse m f : sum m f = sum m (fun w => f (m - 1 - w)).
Proof.
  assert (Front : forall k f, first_terms (S k) f = f 0 + first_terms k (fun i => f (i + 1))).
  { intros k. induction k as [|k IH]; intros h; [cbn; ring|].
    change (first_terms (S (S k)) h) with (first_terms (S k) h + h (Z.of_nat (S k))).
    rewrite IH. cbn [first_terms]. replace (Z.of_nat (S k)) with (Z.of_nat k + 1) by lia. ring. }
  assert (Down : forall k f, first_terms k f = first_terms k (fun w => f (Z.of_nat k - 1 - w))).
  { intros k. induction k as [|k IH]; intros h; [reflexivity|].
    rewrite Front, IH. cbn [first_terms].
    replace (Z.of_nat (S k) - 1 - Z.of_nat k) with 0 by lia. rewrite Z.add_comm. f_equal.
    apply first_terms_ext. intros. f_equal. lia. }
  unfold sum. rewrite Down. apply first_terms_ext. intros. f_equal. lia.
Qed.

(** * Zeros beyond the ends *)

Definition ext (n : Z) (X : Z -> Z) (z : Z) : Z :=
  if ((0 <=? z) && (z <? n))%bool then X z else 0.

Lemma ext_inside n X z : 0 <= z < n -> ext n X z = X z.
Proof. intros H. unfold ext. destruct (Z.leb_spec 0 z), (Z.ltb_spec z n); cbn; trivial; lia. Qed.

Lemma ext_outside n X z : ~ 0 <= z < n -> ext n X z = 0.
Proof. intros H. unfold ext. destruct (Z.leb_spec 0 z), (Z.ltb_spec z n); cbn; trivial; lia. Qed.

(** The Kronecker delta: 1 where y = z, else 0. *)
Definition same (y z : Z) : Z := if y =? z then 1 else 0.

(** A delta picks one term of a sum, or none where that term is out of range. *)
Lemma sum_pick n f z : sum n (fun i => same z i * f i) = ext n f z.
Proof.
  unfold sum.
  assert (K : forall k, first_terms k (fun i => same z i * f i) = ext (Z.of_nat k) f z).
  { induction k as [|k IH].
    - rewrite ext_outside by lia. reflexivity.
    - cbn [first_terms]. rewrite IH. unfold same. destruct (Z.eqb_spec z (Z.of_nat k)) as [->|H].
      + rewrite ext_outside, ext_inside by lia. ring.
      + destruct (Z.le_gt_cases 0 z), (Z.lt_ge_cases z (Z.of_nat k));
          [rewrite !ext_inside by lia|rewrite !ext_outside by lia ..]; ring. }
  rewrite K. destruct (Z.le_gt_cases 0 n) as [H|H].
  - now rewrite Z2Nat.id.
  - rewrite !ext_outside by lia. reflexivity.
Qed.

(** * The adjoint *)

(** A contraction of any number of operands, over the T points of its iteration space: [phi t] is
    where the operand X is read at the point t and [W t] the product of all else that is read there
    (of the other operands and the upstream gradient).  What stands beside [X x] is the gradient.
    No property of [phi] is needed, so that this is for every stride, dilation, padding, number of
    axes, of channels, and of groups. *)
Theorem adjoint_points : forall (T N : Z) (phi W X : Z -> Z),
  sum T (fun t => W t * ext N X (phi t))
  = sum N (fun x => X x * sum T (fun t => same (phi t) x * W t)).
Proof.
  intros.
  transitivity (sum T (fun t => sum N (fun x => X x * (same (phi t) x * W t)))).
  - apply sum_ext. intros t _. rewrite <- sum_pick, <- sum_scale. apply sum_ext. intros. ring.
  - rewrite sum_swap. apply sum_ext. intros x _. apply sum_scale.
Qed.

(** The same with the output a (A entries) and the weight u (U entries) in two sums. *)
Theorem adjoint : forall (A U N : Z) (phi : Z -> Z -> Z) (G F X : Z -> Z),
  sum A (fun a => G a * sum U (fun u => F u * ext N X (phi a u)))
  = sum N (fun x => X x * sum U (fun u => F u * sum A (fun a => same (phi a u) x * G a))).
Proof.
  intros.
  transitivity (sum U (fun u => F u * sum A (fun a => G a * ext N X (phi a u)))).
  - transitivity (sum A (fun a => sum U (fun u => F u * (G a * ext N X (phi a u))))).
    + apply sum_ext. intros a _. rewrite <- sum_scale. apply sum_ext. intros. ring.
    + rewrite sum_swap. apply sum_ext. intros u _. apply sum_scale.
  - transitivity (sum U (fun u => sum N (fun x => X x * (F u * sum A (fun a => same (phi a u) x * G a))))).
    + apply sum_ext. intros u _. rewrite adjoint_points, <- sum_scale. apply sum_ext. intros. ring.
    + rewrite sum_swap. apply sum_ext. intros x _. apply sum_scale.
Qed.

Theorem adjoint_weight : forall (A U N : Z) (phi : Z -> Z -> Z) (G F X : Z -> Z),
  sum A (fun a => G a * sum U (fun u => F u * ext N X (phi a u)))
  = sum U (fun u => F u * sum A (fun a => G a * ext N X (phi a u))).
Proof.
  intros.
  transitivity (sum A (fun a => sum U (fun u => F u * (G a * ext N X (phi a u))))).
  - apply sum_ext. intros a _. rewrite <- sum_scale. apply sum_ext. intros. ring.
  - rewrite sum_swap. apply sum_ext. intros u _. apply sum_scale.
Qed.

(** What stands beside X is determined: no other array gives the same sum for every X. *)
Theorem gradient_unique : forall (N : Z) (g h : Z -> Z),
  (forall X, sum N (fun x => X x * g x) = sum N (fun x => X x * h x)) ->
  forall x, 0 <= x < N -> g x = h x.
Proof.
  intros N g h H x Hx. specialize (H (fun y => same x y)). cbn beta in H.
  now rewrite !sum_pick, !ext_inside in H.
Qed.

(** And it is the derivative: the sum changes by exactly e * (g x) when entry x changes by e. *)
Theorem gradient_difference : forall (N e x : Z) (g X : Z -> Z), 0 <= x < N ->
  sum N (fun y => (X y + e * same x y) * g y) - sum N (fun y => X y * g y) = e * g x.
Proof.
  intros N e x g X Hx.
  transitivity (e * sum N (fun y => same x y * g y)).
  - rewrite <- sum_scale.
    enough (E : sum N (fun y => (X y + e * same x y) * g y)
                = sum N (fun y => X y * g y) + sum N (fun y => e * (same x y * g y))) by (rewrite E; ring).
    rewrite <- sum_add. apply sum_ext. intros. ring.
  - now rewrite sum_pick, ext_inside.
Qed.

(** * Strides *)

(** [up s A G] is G with s - 1 zeros between neighbours, and zeros beyond both ends. *)
Definition up (s A : Z) (G : Z -> Z) (t : Z) : Z :=
  if t mod s =? 0 then ext A G (t / s) else 0.

Theorem stride_collapse : forall (s c x A : Z) (G : Z -> Z), 1 <= s ->
  sum A (fun a => same (s * a + c) x * G a) = up s A G (x - c).
Proof.
  intros s c x A G Hs. unfold up.
  pose proof (Z.div_mod (x - c) s ltac:(lia)) as E.
  destruct (Z.eqb_spec ((x - c) mod s) 0) as [H|H].
  - rewrite <- sum_pick. apply sum_ext. intros a _. f_equal. unfold same.
    destruct (Z.eqb_spec (s * a + c) x), (Z.eqb_spec ((x - c) / s) a); trivial; exfalso; nia.
  - rewrite <- (sum_zero A). apply sum_ext. intros a _. unfold same.
    destruct (Z.eqb_spec (s * a + c) x) as [<-|]; [|reflexivity].
    exfalso. apply H. replace (s * a + c - c) with (a * s) by ring. apply Z.mod_mul. lia.
Qed.

(** The zero-inserted array has s * (A - 1) + 1 entries: beyond these it is 0. *)
Lemma up_length s A G t : 1 <= s -> up s A G t = ext (s * (A - 1) + 1) (up s A G) t.
Proof.
  intros Hs. destruct (Z.le_gt_cases 0 t), (Z.lt_ge_cases t (s * (A - 1) + 1));
    [now rewrite ext_inside|rewrite ext_outside by lia ..];
    unfold up; destruct (Z.eqb_spec (t mod s) 0); trivial;
    pose proof (Z.div_mod t s ltac:(lia)); rewrite ext_outside; trivial; nia.
Qed.

Lemma up_1 A G t : up 1 A G t = ext A G t.
Proof. unfold up. now rewrite Z.mod_1_r, Z.div_1_r. Qed.

(** * The 1-D convolution with stride s, dilation d, and padding P *)

(** The input gradient as a gather: G, zero-inserted and padded with d * (m - 1) - P on the left (a
    negative padding crops), is correlated with the filter turned round, at dilation d. *)
Theorem conv_input_gradient : forall (s d P n m A : Z) (G F X : Z -> Z), 1 <= s ->
  sum A (fun a => G a * sum m (fun u => F u * ext n X (s * a + d * u - P)))
  = sum n (fun x => X x * sum m (fun w => F (m - 1 - w) * up s A G (x + d * w - (d * (m - 1) - P)))).
Proof.
  intros s d P n m A G F X Hs. rewrite (adjoint A m n (fun a u => s * a + d * u - P)).
  apply sum_ext. intros x _. f_equal. rewrite sum_reverse. apply sum_ext. intros w _. f_equal.
  transitivity (sum A (fun a => same (s * a + (d * (m - 1 - w) - P)) x * G a)).
  - apply sum_ext. intros a _. do 2 f_equal. ring.
  - rewrite stride_collapse by assumption. f_equal. ring.
Qed.

(** The filter gradient: the padded X is correlated with G at dilation s, in steps of d. *)
Theorem conv_filter_gradient : forall (s d P n m A : Z) (G F X : Z -> Z),
  sum A (fun a => G a * sum m (fun u => F u * ext n X (s * a + d * u - P)))
  = sum m (fun u => F u * sum A (fun a => G a * ext n X (d * u + s * a - P))).
Proof.
  intros. rewrite (adjoint_weight A m n (fun a u => s * a + d * u - P)).
  apply sum_ext. intros u _. f_equal. apply sum_ext. intros a _. do 2 f_equal. ring.
Qed.
