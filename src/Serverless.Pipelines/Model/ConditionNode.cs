using System.Globalization;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Pipelines.Model;

/// <summary>A node of a condition. Kubeflow's conditions use the same nodes.</summary>
internal abstract record ConditionNode(string Text)
{
    public abstract ConditionValue Evaluate(Func<ConditionReference, JsonElement?> resolve);

    public sealed record Literal(string Text, object? Value) : ConditionNode(Text)
    {
        public override ConditionValue Evaluate(Func<ConditionReference, JsonElement?> resolve) => new(Value);
    }

    public sealed record Reference(ConditionReference Target) : ConditionNode(Target.Text)
    {
        public override ConditionValue Evaluate(Func<ConditionReference, JsonElement?> resolve) =>
            resolve(Target) is { } value
                ? ConditionValue.From(value)
                : throw ServerlessException.Invalid(
                    $"The condition refers to '{Target.Text}', which has no value.",
                    Target.IsInput ? $"Pass '{Target.Name}' to the task."
                        : Target.IsParameter ? $"Define '{Target.Name}' in params.yaml."
                        : $"Make '{Target.Task}' output '{Target.Name}'."
                );
    }

    public sealed record Not(string Text, ConditionNode Inner) : ConditionNode(Text)
    {
        public override ConditionValue Evaluate(Func<ConditionReference, JsonElement?> resolve) => new(!Truth(Inner, resolve));
    }

    /// <summary>`and`, `or`: the right side is evaluated only if the left side does not decide.</summary>
    public sealed record Logic(string Text, ConditionNode Left, bool IsAnd, ConditionNode Right) : ConditionNode(Text)
    {
        public override ConditionValue Evaluate(Func<ConditionReference, JsonElement?> resolve) =>
            new(Truth(Left, resolve) == IsAnd ? Truth(Right, resolve) : !IsAnd);
    }

    public sealed record Comparison(string Text, ConditionNode Left, string Operator, ConditionNode Right) : ConditionNode(Text)
    {
        public override ConditionValue Evaluate(Func<ConditionReference, JsonElement?> resolve)
        {
            var (left, right) = (Left.Evaluate(resolve), Right.Evaluate(resolve));
            return new ConditionValue(
                Operator switch
                {
                    "==" => left.IsEqual(right, Text),
                    "!=" => !left.IsEqual(right, Text),
                    "<" => left.Compare(right, Text) < 0,
                    "<=" => left.Compare(right, Text) <= 0,
                    ">" => left.Compare(right, Text) > 0,
                    _ => left.Compare(right, Text) >= 0,
                }
            );
        }
    }

    /// <summary>int(x), double(x).</summary>
    public sealed record Conversion(string Text, bool ToWhole, ConditionNode Inner) : ConditionNode(Text)
    {
        public override ConditionValue Evaluate(Func<ConditionReference, JsonElement?> resolve)
        {
            var value = Inner.Evaluate(resolve);
            return value.Value switch
            {
                long whole => new ConditionValue(ToWhole ? (object)whole : (double)whole),
                double real when !ToWhole => value,
                double real when double.IsFinite(real) && Math.Abs(real) < 9e18 => new ConditionValue((long)real),
                string text
                    when ToWhole && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) =>
                    new ConditionValue(whole),
                string text when !ToWhole && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) =>
                    new ConditionValue(real),
                _ => throw ServerlessException.Invalid($"'{Text}' cannot turn {value.Describe()} into a number."),
            };
        }
    }

    private static bool Truth(ConditionNode node, Func<ConditionReference, JsonElement?> resolve)
    {
        var value = node.Evaluate(resolve);
        return value.AsBool
            ?? throw ServerlessException.Invalid(
                $"'{node.Text}' is {value.Describe()}, not true or false.",
                "and, or and not require true or false. Compare it with a value."
            );
    }
}
