(** * Statements about sizes

    A quotient and a remainder are those of Z: for a positive divisor both round down, as Python's do.  A quotient by 0
    is 0 in Coq, so that every divisor must be known to be positive. *)

(** What a quotient is, for a positive divisor: the remainder lies in [0, b). *)
Lemma quotient a b : 0 < b -> 0 <= a - b * (a / b) <= b - 1.
Proof. intros H. pose proof (Z.div_mod a b ltac:(lia)). pose proof (Z.mod_pos_bound a b H). lia. Qed.

(** Each maximum and minimum is one of its two arguments: one case for each. *)
Ltac extremes :=
  repeat match goal with
  | |- context [Z.max ?a ?b] =>
      let M := fresh "M" in
      pose proof (Z.max_spec a b); set (M := Z.max a b) in *; clearbody M
  | _ : context [Z.max ?a ?b] |- _ =>
      let M := fresh "M" in
      pose proof (Z.max_spec a b); set (M := Z.max a b) in *; clearbody M
  | |- context [Z.min ?a ?b] =>
      let M := fresh "M" in
      pose proof (Z.min_spec a b); set (M := Z.min a b) in *; clearbody M
  | _ : context [Z.min ?a ?b] |- _ =>
      let M := fresh "M" in
      pose proof (Z.min_spec a b); set (M := Z.min a b) in *; clearbody M
  end;
  repeat match goal with
  | H : _ < _ /\ _ \/ _ <= _ /\ _ |- _ => destruct H as [[? ?]|[? ?]]; try subst
  | H : _ <= _ /\ _ \/ _ < _ /\ _ |- _ => destruct H as [[? ?]|[? ?]]; try subst
  end.

(** Each quotient becomes a variable of which [quotient] holds; remainders are made of quotients.
    A divisor that is not evidently positive is an error. *)
Ltac name_quotient a b :=
  let q := fresh "q" in let Q := fresh "Q" in
  assert (Q : 0 < b) by first [lia | nia];
  apply (quotient a) in Q; set (q := a / b) in *; clearbody q.

Ltac name_quotients :=
  repeat match goal with
  | |- context [?a / ?b] => name_quotient a b
  | _ : context [?a / ?b] |- _ => name_quotient a b
  end.

Ltac no_remainders :=
  repeat match goal with
  | |- context [?a mod ?b] => rewrite (Z.mod_eq a b) in * by first [lia | nia]
  | _ : context [?a mod ?b] |- _ => rewrite (Z.mod_eq a b) in * by first [lia | nia]
  end.

(** From a statement for all u in a range that is not empty, the statements at both ends of it. *)
Ltac inside := first [lia | split; first [lia | name_quotients; nia]].

Ltac ends :=
  repeat match goal with
  | H : forall u : Z, ?lo <= u <= ?hi -> _ |- _ =>
      let first_end := fresh "Ends" in let last_end := fresh "Ends" in
      pose proof (H lo ltac:(inside)) as first_end; pose proof (H hi ltac:(inside)) as last_end;
      cbn beta in first_end, last_end; clear H
  end.

(** Two quotients by the same divisor: the same one, or the other's negative, rounded up or down.  What is known of the
    one that goes is kept. *)
Ltac apart a b c := tryif constr_eq a c then fail else lazymatch a with context [c / b] => fail | _ => idtac end.

Ltac relate a b c :=
  apart a b c;
  let Q := fresh "Q" in
  assert (Q : 0 < b) by first [lia | nia]; apply (quotient c) in Q;
  first [ replace (c / b) with (a / b) in * by (f_equal; lia)
        | replace (c / b) with (- (a / b)) in * by (name_quotients; nia)
        | replace (c / b) with (-1 - a / b) in * by (name_quotients; nia) ].

Ltac same_quotient a b c := apart a b c; replace (c / b) with (a / b) in * by (f_equal; lia).

Ltac relate_quotients :=
  repeat match goal with
  | E : ?k = ?b * ?c |- context [?k / ?b] => replace (k / b) with c in * by (name_quotients; nia)
  | |- context [?a / ?b] => match goal with |- context [?c / b] => relate a b c end
  | _ : context [?a / ?b] |- _ => match goal with |- context [?c / b] => relate a b c end
  | _ : context [?a / ?b] |- _ => match goal with _ : context [?c / b] |- _ => same_quotient a b c end
  end.

Ltac quotients := no_remainders; relate_quotients; name_quotients.

(** Down to the single inequalities and equations. *)
Ltac split_all :=
  intros;
  repeat match goal with
  | |- _ /\ _ => split; intros
  | |- _ <-> _ => split; intros
  | H : _ /\ _ |- _ => destruct H
  end.

(** Without the hypotheses on variables of which the goal does not speak. *)
Ltac forget :=
  repeat match goal with
  | H : context [?x] |- ?G => is_var x; lazymatch G with context [x] => fail | _ => clear H end
  end.

Ltac decide_sizes := split_all; ends; extremes; quotients; first [lia | nia].

(** Statements about sizes, whole: what is true is proved, by its own hypotheses or by all of them, and anything else
    is an error (as is what is true, but too hard). *)
Ltac sizes := intros; first [solve [forget; decide_sizes] | decide_sizes].

(** * Certificates

    A certificate says that a sum of products of facts, each >= 0, is D times what is to be shown to
    be >= 0.  [ring] checks the equation, and no search is involved in the rest. *)

Lemma by_certificate D parts goal : 0 < D -> D * goal = parts -> 0 <= parts -> 0 <= goal.
Proof. nia. Qed.

(** With an integer cut: c * goal + c - 1 >= 0 is enough, since then c * goal > -c. *)
Lemma by_cut c goal : 0 <= c - 1 -> 0 <= c * goal + c - 1 -> 0 <= goal.
Proof. nia. Qed.

(** What quotients and maxima are, as facts; and a maximum is one of the two. *)
Lemma quotient_low a b : 0 <= b - 1 -> 0 <= a - b * (a / b).
Proof. intros. pose proof (quotient a b). lia. Qed.

Lemma quotient_high a b : 0 <= b - 1 -> 0 <= b * (a / b) + b - 1 - a.
Proof. intros. pose proof (quotient a b). lia. Qed.

Lemma max_left a b : 0 <= Z.max a b - a.
Proof. lia. Qed.

Lemma max_right a b : 0 <= Z.max a b - b.
Proof. lia. Qed.

Lemma max_either a b : 0 <= a - Z.max a b \/ 0 <= b - Z.max a b.
Proof. lia. Qed.

(** A sum of products of facts is >= 0. *)
Ltac nonneg :=
  first [ assumption | solve [lia]
        | apply Z.mul_nonneg_nonneg; nonneg | apply Z.add_nonneg_nonneg; nonneg ].

(** [certificate D parts] closes a goal 0 <= goal where D * goal = parts. *)
Ltac certificate D parts := apply (by_certificate D parts); [lia | ring | nonneg].
