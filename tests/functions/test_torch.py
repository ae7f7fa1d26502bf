"""Functions of torch tensors: autograd's gradients are right, and what an autograd.Function gets wrong is refuted."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from gradcheck import WrongGradient, assert_gradients, check  # noqa: E402
from gradcheck.errors import TargetRaised  # noqa: E402
from gradcheck.functions.check import BOUND, NOT_EXACT  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # torch's own, in its forward mode
F = torch.nn.functional
DRAW = torch.Generator().manual_seed(1)


def drawn(*shape, dtype=torch.float64):
    """Normally distributed numbers."""
    return torch.randn(*shape, generator=DRAW, dtype=dtype)


X, W, Z = drawn(3, 4), drawn(4, 5), drawn(3, 2, dtype=torch.complex128)
IMAGES, FILTERS = drawn(2, 3, 6, 6), drawn(4, 3, 3, 3)


class Saved(torch.autograd.Function):
    """A function that keeps its inputs."""

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)


class Product(Saved):
    """A matrix product, right."""

    @staticmethod
    def forward(a, b):
        return a @ b

    @staticmethod
    def backward(ctx, dy):
        a, b = ctx.saved_tensors
        return dy @ b.T, a.T @ dy


class WithContext(Product):
    """The same with a context in forward."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a @ b

    setup_context = torch.autograd.Function.setup_context


class Negated(Product):
    """The sign of the second gradient is wrong."""

    @staticmethod
    def backward(ctx, dy):
        a, b = ctx.saved_tensors
        return dy @ b.T, -a.T @ dy


class Tanh(Saved):
    """Right, of any order."""

    @staticmethod
    def forward(x):
        return torch.tanh(x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (1 - torch.tanh(x) ** 2)

    @staticmethod
    def jvp(ctx, t):
        (x,) = ctx.saved_tensors
        return t * (1 - torch.tanh(x) ** 2)


class Detached(Tanh):
    """Right, and wrong when it is differentiated again."""

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (1 - torch.tanh(x).detach() ** 2)


class Forgetful(Tanh):
    """Right, and wrong in forward mode."""

    @staticmethod
    def jvp(ctx, t):
        (x,) = ctx.saved_tensors
        return t * (1 - torch.tanh(x))


class Square(Saved):
    """Right for real numbers; complex ones lack a conjugate."""

    @staticmethod
    def forward(z):
        return z * z

    @staticmethod
    def backward(ctx, dy):
        return 2 * ctx.saved_tensors[0] * dy


class ToAllTies(torch.autograd.Function):
    """Max-pooling that sends the gradient to every entry that equals the maximum."""

    @staticmethod
    def forward(ctx, x):
        y = F.max_pool2d(x, 2)
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx, dy):
        x, y = ctx.saved_tensors
        return _grown(dy) * (x == _grown(y))


def _grown(y):
    """Every entry four times, in a square."""
    return y.repeat_interleave(2, 2).repeat_interleave(2, 3)


@pytest.fixture(autouse=True)
def one_thread():
    """Arrays as small as these are not worth more, which wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def statuses(found):
    """What is said of every gradient."""
    return [one.status for one in found.gradients]


# exact


def test_a_product_is_verified_exactly():
    """A builtin has no names for its parameters."""
    found = check(torch.matmul, X, W)
    assert (found.verdict, found.evidence.method, found.library, found.function) == (
        "verified",
        "probe",
        "torch",
        "matmul",
    )
    assert [one.name for one in found.gradients] == ["gradient of input 0", "gradient of input 1"]


def test_a_function_with_a_backward_is_told_by_its_names():
    """The class's name, and the parameters of forward, after ctx."""
    found = check(WithContext.apply, X, W)
    assert (found.verdict, found.function) == ("verified", "WithContext")
    assert [one.name for one in found.gradients] == ["gradient of a", "gradient of b"]


def test_a_forward_without_ctx_is_told_by_its_names():
    """The same where the context is set up by a method of its own."""
    assert [one.name for one in check(Product.apply, X, W).gradients] == ["gradient of a", "gradient of b"]


@pytest.mark.parametrize(("dtype", "least"), [("float64", 2), ("float32", 4), ("float16", 10), ("bfloat16", 20)])
def test_every_type_is_exact(dtype, least):
    """With as many trials as it takes; a wrong sign is refuted."""
    a, b = (one.to(getattr(torch, dtype)) for one in (X, W))
    right, wrong = check(torch.matmul, a, b), check(Negated.apply, a, b)
    assert (right.verdict, right.evidence.method, right.dtype) == ("verified", "probe", dtype)
    assert right.evidence.trials >= least
    assert right.evidence.chance <= BOUND
    assert (wrong.verdict, wrong.cause, statuses(wrong)) == ("refuted", "wrong-sign", ["right", "wrong"])


def test_assert_gradients_raises():
    """With the diagnosis."""
    assert assert_gradients(Product.apply, X, W).verdict == "verified"
    with pytest.raises(WrongGradient, match="the sign is wrong"):
        assert_gradients(Negated.apply, X, W)


@pytest.mark.parametrize("method", ["auto", "full"])
def test_a_line_of_notation(method):
    """The framework's convolution is that of the line."""
    right = check(F.conv2d, IMAGES, FILTERS, like="conv2d_batch", method=method)
    assert (right.verdict, right.evidence.proved) == ("verified", True)


# by differences


@pytest.mark.parametrize("function", [torch.tanh, F.gelu, torch.exp, lambda x: F.layer_norm(x, (4,))])
def test_the_frameworks_own_functions_are_verified(function):
    """At the point that is given."""
    found = check(function, X)
    assert (found.verdict, found.evidence.method) == ("verified", "differences")


@pytest.mark.parametrize("function", [torch.linalg.norm, lambda x: (x**2).sum()], ids=["norm", "loss"])
def test_a_loss_is_verified(function):
    """An output without axes."""
    assert check(function, X).verdict == "verified"


def test_a_module_is_a_function():
    """Of its input, with the weights that it has."""
    found = check(torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh()).double(), X)
    assert (found.verdict, found.function) == ("verified", "Sequential")


def test_float32_is_told_from_wrong():
    """The error is that of the type."""
    assert check(torch.tanh, X.float()).verdict == "verified"
    assert check(lambda x: torch.tanh(x.detach()) + 1.01 * (x - x.detach()), X.float()).verdict == "refuted"


def test_straight_through_rounding_is_refuted():
    """The trick with detach is not the gradient of rounding."""
    assert check(lambda x: x + (x.round() - x).detach(), X).verdict == "refuted"


def test_ties_in_max_pooling():
    """The framework's own sends the gradient to one of them; to all is too much."""
    tied = torch.randint(0, 2, (2, 2, 4, 4), generator=torch.Generator().manual_seed(0)).double()
    right, wrong = check(lambda x: F.max_pool2d(x, 2), tied), check(ToAllTies.apply, tied)
    assert (right.verdict, wrong.verdict) == ("verified", "refuted")
    assert "kinks" in [notice.id for notice in right.notices]
    assert check(ToAllTies.apply, drawn(2, 2, 4, 4)).verdict == "verified"


def test_dropout_is_random():
    """It gives another output for the same input."""
    found = check(lambda x: F.dropout(x, 0.5), X)
    assert found.verdict == "refuted"
    assert "not-deterministic" in [notice.id for notice in found.notices if notice.refutes]


# complex numbers


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda z: z * z * z.conj(), id="cube"),
        pytest.param(lambda z: z.abs() ** 2, id="size"),
        pytest.param(lambda z: torch.fft.fft(z, dim=0), id="fft"),
        pytest.param(lambda z: torch.stack((z.real, z.imag)), id="parts"),
        pytest.param(lambda z: z @ z.mH, id="hermitian"),
    ],
)
@pytest.mark.parametrize("dtype", [torch.complex128, torch.complex64])
def test_complex_functions_are_verified(function, dtype):
    """In either precision, with real outputs and complex ones."""
    assert check(function, Z.to(dtype)).verdict == "verified"


def test_fft_is_linear_but_not_exact():
    """Why it was compared with differences is told."""
    assert check(lambda z: torch.fft.fft(z, dim=0), Z).evidence.why == NOT_EXACT


def test_a_missing_conjugate_is_refuted():
    """It is right for real numbers, and wrong for complex ones."""
    assert check(Square.apply, Z.real).verdict == "verified"
    assert check(Square.apply, Z).verdict == "refuted"


def test_a_complex_output_of_real_inputs():
    """The transform of real numbers."""
    assert check(torch.fft.rfft, X).verdict == "verified"


# inputs and outputs


def test_what_asks_for_a_gradient_is_an_input():
    """The other is a constant; where none asks, all are."""

    def half(a, b):
        return torch.tanh(a) * b.detach()

    asking = check(half, X.clone().requires_grad_(), X)
    assert (asking.verdict, [one.name for one in asking.gradients]) == ("verified", ["gradient of a"])
    both = check(half, X, X)
    assert (both.verdict, statuses(both)) == ("refuted", ["right", "wrong"])


def test_integers_are_constants():
    """Of an embedding, the table is differentiated."""
    found = check(F.embedding, torch.tensor([0, 2, 2]), X)
    assert (found.verdict, [one.name for one in found.gradients]) == ("verified", ["gradient of weight"])


def test_several_outputs():
    """Integers among them are left out; one that is detached is seen."""
    assert check(lambda x: torch.sort(x), X).verdict == "verified"
    assert check(lambda a, b: (a @ b, torch.tanh(a)), X, W).verdict == "verified"
    assert check(lambda a, b: (a @ b, torch.tanh(a.detach())), X, W).verdict == "refuted"


def test_an_unused_input_has_no_gradient():
    """None is zero, which is right."""
    found = check(lambda a, b: torch.tanh(a), X, W)
    assert (found.verdict, statuses(found)) == ("verified", ["right", "zero"])


def test_an_output_without_a_gradient_is_refuted():
    """All of it was detached."""
    found = check(lambda x: 2 * x.detach(), X)
    assert (found.verdict, found.cause) == ("refuted", "all-zero")


def test_inputs_are_left_alone():
    """Neither values nor what asks for gradients nor gradients are changed."""
    given, before = X.clone(), X.clone()
    for function in (torch.tanh, Negated.apply):
        check(function, given, *([W] if function is not torch.tanh else []), forward=False)
    assert torch.equal(given, before)
    assert (given.requires_grad, given.grad) == (False, None)


def test_the_same_seed_gives_the_same_text():
    """Another one another."""
    one, again, other = (str(check(torch.tanh, X, seed=seed)) for seed in (0, 0, 1))
    assert one == again != other


# second order and forward mode


@pytest.mark.parametrize("function", [torch.tanh, Tanh.apply])
def test_the_second_order_is_verified(function):
    """For the input and for the cotangent."""
    found = check(function, X, order=2)
    assert (found.verdict, statuses(found)) == ("verified", ["right", "right"])
    assert found.gradients[1].name == "gradient of dy"


def test_a_wrong_second_order_is_refuted():
    """The first is right; the gradient of the gradient is not there."""
    assert check(Detached.apply, X).verdict == "verified"
    found = check(Detached.apply, X, order=2)
    assert (found.verdict, found.cause, statuses(found)) == ("refuted", "all-zero", ["wrong", "right"])


def test_the_second_order_of_a_product_is_exact():
    """It is linear in all three."""
    found = check(torch.matmul, X, W, order=2)
    assert (found.verdict, found.evidence.method, len(found.gradients)) == ("verified", "probe", 3)


def test_the_second_order_of_complex_numbers():
    """Pairs all the way."""
    assert check(lambda z: z * z * z.conj(), Z, order=2).verdict == "verified"


@pytest.mark.parametrize("function", [torch.tanh, Tanh.apply])
def test_forward_mode_is_verified(function):
    """Of the framework's own, and of a rule by hand."""
    assert check(function, X, forward=True).verdict == "verified"


def test_a_wrong_forward_mode_is_refuted():
    """The backward pass is right."""
    found = check(Forgetful.apply, X, forward=True)
    assert (found.verdict, statuses(found)) == ("refuted", ["right", "wrong"])


def test_forward_mode_of_a_product_is_exact():
    """For both inputs."""
    assert statuses(check(torch.matmul, X, W, forward=True)) == ["right"] * 4


def test_forward_mode_of_complex_numbers():
    """Tangents are pairs, too."""
    assert check(lambda z: z * z * z.conj(), Z, forward=True).verdict == "verified"


# what raises


def test_a_function_that_raises():
    """The user's line is told."""
    with pytest.raises(TargetRaised, match=r"RuntimeError.*invalid for input") as caught:
        check(lambda x: x.view(77), X)
    assert caught.value.stage == "the function"


def test_a_backward_that_raises():
    """It was the gradient."""

    class Raising(Product):
        @staticmethod
        def backward(ctx, dy):
            raise ValueError("none of this")

    with pytest.raises(TargetRaised, match="none of this") as caught:
        check(Raising.apply, X, W)
    assert caught.value.stage == "backward"


def test_integers_alone():
    """Nothing to differentiate is told as such."""
    from gradcheck.errors import TargetError

    with pytest.raises(TargetError):
        check(lambda x: 2 * x, torch.arange(3))


def test_numpy_arrays_with_a_gradient_are_not_torch():
    """vjp decides; the same function of NumPy arrays."""
    found = check(np.tanh, X.numpy(), vjp=lambda dy, x: dy / np.cosh(x) ** 2)
    assert (found.verdict, found.library) == ("verified", "numpy")
