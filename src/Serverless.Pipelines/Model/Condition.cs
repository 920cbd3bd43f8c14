using System.Text.Json;
using Serverless.Core;

namespace Serverless.Pipelines.Model;

/// <summary>What a condition asks for.</summary>
/// <param name="Text">As it is written: `compare.promote`, `params.a.b`.</param>
/// <param name="Task">The task whose output it is; null for a parameter.</param>
/// <param name="Name">The output's name, or the parameter's path after `params.`. Points in it may be part of a name (a metric
/// `test.auc`) or lead into a value: whoever resolves it looks for the whole name first.</param>
public sealed record ConditionReference(string Text, string? Task, string Name)
{
    /// <summary>True for `inputs['x']`: what the task itself is given.</summary>
    public bool IsInput { get; init; }

    public bool IsParameter => Task is null && !IsInput;

    public override string ToString() => Text;
}

/// <summary>
/// A condition over earlier outputs and parameters (`when`):
/// <code>
/// compare.promote and (evaluate@fast-tree.auc >= params.gate.auc or params.force == true)
/// </code>
/// Literals are numbers, 'text', "text", true, false, null. References are `task.output`, `params.a.b` and, for names that are
/// no words, `params['any name']`; `inputs['name']` is what the task itself is given. Operators are == != &lt; &lt;= &gt; &gt;=,
/// and/&amp;&amp;, or/||, not/!, parentheses;
/// int(x) and double(x) turn text into numbers.
/// </summary>
public sealed class Condition
{
    private readonly ConditionNode root;

    private Condition(string text, ConditionNode root, IReadOnlyList<ConditionReference> references)
    {
        Text = text;
        this.root = root;
        References = references;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Everything that it asks for, in order, each once.</summary>
    public IReadOnlyList<ConditionReference> References { get; }

    /// <summary>Reads a condition.</summary>
    /// <param name="text">The condition.</param>
    /// <param name="tasks">The tasks there are. A name with points (`build@v1.2.size`) belongs to the task with the longest name
    /// that fits; without this list a task's name ends at the first point, and one with '@' at the last.</param>
    public static Condition Parse(string text, IReadOnlyCollection<string>? tasks = null)
    {
        var parser = new ConditionParser(text, tasks ?? []);
        var root = parser.Parse();
        return new Condition(text, root, [.. parser.References.Distinct()]);
    }

    /// <summary>True if the condition holds.</summary>
    /// <param name="resolve">Gives the value of a reference; null if there is none, which is an error once it is needed.</param>
    public bool Evaluate(Func<ConditionReference, JsonElement?> resolve)
    {
        var value = root.Evaluate(resolve);
        return value.AsBool
            ?? throw ServerlessException.Invalid(
                $"The condition '{Text}' is {value.Describe()}, not true or false.",
                "Compare it with something, as in `evaluate.auc >= 0.8`."
            );
    }

    public override string ToString() => Text;
}
