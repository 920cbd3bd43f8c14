using System.Globalization;
using System.Text;
using Serverless.Core;

namespace Serverless.Pipelines.Model;

/// <summary>Parses a condition: or → and → not → comparison → value.</summary>
internal sealed class ConditionParser(string text, IReadOnlyCollection<string> tasks)
{
    private const int DepthLimit = 100;

    private int at;
    private int depth;

    public List<ConditionReference> References { get; } = [];

    public ConditionNode Parse()
    {
        Space();
        if (at == text.Length)
        {
            throw Expected("a condition");
        }

        var root = Or();
        return at < text.Length ? throw Expected("an operator or the end") : root;
    }

    private ConditionNode Or()
    {
        if (++depth > DepthLimit)
        {
            throw Wrong("it is nested too deeply");
        }

        var start = at;
        var left = And();
        while (TakeWord("or") || TakeSign("||"))
        {
            var right = And();
            left = new ConditionNode.Logic(Since(start), left, IsAnd: false, right);
        }

        depth--;
        return left;
    }

    private ConditionNode And()
    {
        var start = at;
        var left = Not();
        while (TakeWord("and") || TakeSign("&&"))
        {
            var right = Not();
            left = new ConditionNode.Logic(Since(start), left, IsAnd: true, right);
        }

        return left;
    }

    private ConditionNode Not()
    {
        var start = at;
        if (TakeWord("not") || (Peek() == '!' && Peek(1) != '=' && TakeSign("!")))
        {
            if (++depth > DepthLimit)
            {
                throw Wrong("it is nested too deeply");
            }

            var inner = Not();
            depth--;
            return new ConditionNode.Not(Since(start), inner);
        }

        return Comparison();
    }

    private ConditionNode Comparison()
    {
        var start = at;
        var left = Value();
        if (Operator() is not { } sign)
        {
            return left;
        }

        var right = Value();
        var end = at;
        if (Operator() is not null)
        {
            at = end;
            throw Wrong("comparisons cannot be chained; join two of them with `and`");
        }

        return new ConditionNode.Comparison(Since(start), left, sign, right);
    }

    private string? Operator()
    {
        foreach (var sign in new[] { "==", "!=", "<=", ">=", "<", ">" })
        {
            if (TakeSign(sign))
            {
                return sign;
            }
        }

        return Peek() == '=' ? throw Expected("==") : null;
    }

    private ConditionNode Value()
    {
        var start = at;
        switch (Peek())
        {
            case '(':
                TakeSign("(");
                var inner = Or();
                return TakeSign(")") ? inner : throw Expected("')'");
            case '\'' or '"':
                var quoted = Quoted();
                return new ConditionNode.Literal(Since(start), quoted);
            case '-' or '+' or (>= '0' and <= '9') or '.':
                return Number();
            default:
                return Name();
        }
    }

    private ConditionNode Number()
    {
        var start = at;
        at++;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '.' or '_' || (Peek() is '+' or '-' && text[at - 1] is 'e' or 'E'))
        {
            at++;
        }

        var written = text[start..at];
        Space();
        if (long.TryParse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return new ConditionNode.Literal(written, whole);
        }

        if (double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
        {
            return new ConditionNode.Literal(written, real);
        }

        // A task's name may begin with a digit.
        at = start;
        return written.Any(char.IsAsciiLetter) && char.IsAsciiDigit(written[0]) ? Name() : throw Expected("a number");
    }

    private string Quoted()
    {
        var quote = Peek();
        var start = at;
        var result = new StringBuilder();
        for (at++; Peek() != quote; at++)
        {
            if (at >= text.Length)
            {
                at = start;
                throw Wrong("the text is not closed");
            }

            // A backslash is literal, as in Kubeflow, unless it escapes a quote or another backslash.
            at += Peek() == '\\' && (Peek(1) == quote || Peek(1) == '\\') ? 1 : 0;
            result.Append(text[at]);
        }

        at++;
        Space();
        return result.ToString();
    }

    private ConditionNode Name()
    {
        var start = at;
        var name = ConditionName.Read(text, ref at);
        if (name.Length == 0)
        {
            throw Expected("a value: a number, 'text', true, false, null, task.output or params.name");
        }

        switch (name)
        {
            case "params" when Peek() == '[':
                return Add(start, null, Bracketed());
            case "inputs" when Peek() == '[':
                return Add(start, null, Bracketed(), isInput: true);
            case "true" or "false":
                Space();
                return new ConditionNode.Literal(name, name == "true");
            case "null":
                Space();
                return new ConditionNode.Literal(name, null);
        }

        Space();
        if (name is "int" or "double" && TakeSign("("))
        {
            var inner = Or();
            return TakeSign(")") ? new ConditionNode.Conversion(Since(start), name == "int", inner) : throw Expected("')'");
        }

        if (name.StartsWith("params.", StringComparison.Ordinal) && !name.EndsWith('.'))
        {
            return Add(start, null, name["params.".Length..]);
        }

        if (ConditionName.Split(name, tasks) is not { } split)
        {
            at = start;
            throw Expected($"a reference task.output or params.name instead of '{name}'");
        }

        return Add(start, split.Task, split.Output);
    }

    private string Bracketed()
    {
        at++;
        Space();
        if (Peek() is not ('\'' or '"'))
        {
            throw Expected("a name in quotes");
        }

        var name = Quoted();
        return TakeSign("]") ? name : throw Expected("']'");
    }

    private ConditionNode.Reference Add(int start, string? task, string name, bool isInput = false)
    {
        var reference = new ConditionReference(Since(start), task, name) { IsInput = isInput };
        References.Add(reference);
        return new ConditionNode.Reference(reference);
    }

    private string Since(int start) => text[start..at].Trim();

    private char Peek(int ahead = 0) => at + ahead < text.Length ? text[at + ahead] : '\0';

    private bool TakeSign(string sign)
    {
        if (string.CompareOrdinal(text, at, sign, 0, sign.Length) != 0)
        {
            return false;
        }

        at += sign.Length;
        Space();
        return true;
    }

    private bool TakeWord(string word)
    {
        var end = at;
        if (ConditionName.Read(text, ref end) != word)
        {
            return false;
        }

        at = end;
        Space();
        return true;
    }

    private void Space()
    {
        while (char.IsWhiteSpace(Peek()))
        {
            at++;
        }
    }

    private ServerlessException Expected(string what)
    {
        var found = at >= text.Length ? "the end" : $"'{text[at]}'";
        return Wrong($"expected {what}, found {found}");
    }

    private ServerlessException Wrong(string what) =>
        ServerlessException.Invalid(
            $"The condition '{text}' is invalid at position {at + 1}: {what}.",
            "Example: compare.promote == true and evaluate.auc >= params.min_auc"
        );
}
