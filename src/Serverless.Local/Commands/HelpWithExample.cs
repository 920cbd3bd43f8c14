using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Serverless.Local.Commands;

/// <summary>The help of a command ends with how one types it.</summary>
internal sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    private static readonly ConditionalWeakTable<Command, string> Examples = [];

    /// <summary>Who asks for help has not given the arguments yet.</summary>
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
    /// <summary>Gives the command an example for its help: a command line, or several, one a line.</summary>
    public static Command WithExample(this Command command, string example)
    {
        HelpWithExample.Add(command, example);
        return command;
    }
}
