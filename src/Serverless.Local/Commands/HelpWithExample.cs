using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Serverless.Local.Commands;

/// <summary>Adds an example to the end of a command's help.</summary>
internal sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly ConditionalWeakTable<Command, string> Examples = [];

    /// <summary>Help must work without the required arguments.</summary>
    public override bool ClearsParseErrors => true;

    public static void Add(Command command, string example) => Examples.Add(command, example);

    public override int Invoke(ParseResult parseResult)
    {
        var result = help.Invoke(parseResult);
        if (Examples.TryGetValue(parseResult.CommandResult.Command, out var example))
        {
            Console.Out.WriteLine("Example:");
            foreach (var line in example.Split('\n'))
            {
                Console.Out.WriteLine("  " + line);
            }
        }

        return result;
    }
}

internal static class CommandExamples
{
    /// <summary>Sets the example in a command's help: one or more command lines, one per line.</summary>
    public static Command WithExample(this Command command, string example)
    {
        HelpWithExample.Add(command, example);
        return command;
    }
}
