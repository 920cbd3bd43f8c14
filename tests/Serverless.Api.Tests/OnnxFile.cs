using System.Text;

namespace Serverless.Api.Tests;

/// <summary>Writes small ONNX models by hand: protobuf's wire format and the few messages of onnx.proto that are needed.</summary>
internal sealed class OnnxFile
{
    public const int Float = 1;
    public const int Int64 = 7;

    private readonly MemoryStream graph = new();

    public OnnxFile Node(string type, string[] inputs, string[] outputs, string domain = "", params byte[][] attributes)
    {
        using var node = new MemoryStream();
        foreach (var input in inputs)
        {
            Text(node, 1, input);
        }

        foreach (var output in outputs)
        {
            Text(node, 2, output);
        }

        Text(node, 4, type);
        foreach (var attribute in attributes)
        {
            Bytes(node, 5, attribute);
        }

        Text(node, 7, domain);
        Bytes(graph, 1, node.ToArray());
        return this;
    }

    public OnnxFile Floats(string name, long[] shape, params float[] values) =>
        Tensor(name, Float, shape, [.. values.SelectMany(BitConverter.GetBytes)]);

    public OnnxFile Longs(string name, params long[] values) =>
        Tensor(name, Int64, [values.Length], [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <param name="shape">-1 for a dimension of any length.</param>
    public OnnxFile Input(string name, int type, params long[] shape) => Value(11, name, TensorType(type, shape));

    public OnnxFile Output(string name, int type, params long[] shape) => Value(12, name, TensorType(type, shape));

    /// <summary>A list of maps from a whole number to a float, as ZipMap gives it.</summary>
    public OnnxFile OutputOfMaps(string name)
    {
        var map = Message(m =>
        {
            Number(m, 1, Int64);
            Bytes(m, 2, TensorType(Float, []));
        });
        return Value(
            12,
            name,
            Message(type => Bytes(type, 4, Message(sequence => Bytes(sequence, 1, Message(element => Bytes(element, 5, map))))))
        );
    }

    public static byte[] Attribute(string name, params float[] values) =>
        Message(a =>
        {
            Text(a, 1, name);
            Bytes(a, 7, [.. values.SelectMany(BitConverter.GetBytes)]);
            Number(a, 20, 6);
        });

    public static byte[] Attribute(string name, params long[] values) =>
        Message(a =>
        {
            Text(a, 1, name);
            Bytes(
                a,
                8,
                Message(packed =>
                {
                    foreach (var value in values)
                    {
                        Varint(packed, (ulong)value);
                    }
                })
            );
            Number(a, 20, 7);
        });

    public static byte[] Attribute(string name, string value) =>
        Message(a =>
        {
            Text(a, 1, name);
            Text(a, 4, value);
            Number(a, 20, 3);
        });

    public byte[] ToArray() =>
        Message(model =>
        {
            Number(model, 1, 8);
            Text(graph, 2, "g");
            Bytes(model, 7, graph.ToArray());
            Bytes(model, 8, Message(o => Number(o, 2, 13)));
            Bytes(
                model,
                8,
                Message(o =>
                {
                    Text(o, 1, "ai.onnx.ml");
                    Number(o, 2, 1);
                })
            );
        });

    private static byte[] TensorType(int type, long[] shape) =>
        Message(t =>
            Bytes(
                t,
                1,
                Message(tensor =>
                {
                    Number(tensor, 1, (ulong)type);
                    Bytes(
                        tensor,
                        2,
                        Message(s =>
                        {
                            foreach (var dimension in shape)
                            {
                                Bytes(
                                    s,
                                    1,
                                    Message(d =>
                                    {
                                        if (dimension < 0)
                                        {
                                            Text(d, 2, "N");
                                        }
                                        else
                                        {
                                            Number(d, 1, (ulong)dimension);
                                        }
                                    })
                                );
                            }
                        })
                    );
                })
            )
        );

    private OnnxFile Tensor(string name, int type, long[] shape, byte[] raw)
    {
        Bytes(
            graph,
            5,
            Message(t =>
            {
                foreach (var dimension in shape)
                {
                    Number(t, 1, (ulong)dimension);
                }

                Number(t, 2, (ulong)type);
                Text(t, 8, name);
                Bytes(t, 9, raw);
            })
        );
        return this;
    }

    private OnnxFile Value(int field, string name, byte[] type)
    {
        Bytes(
            graph,
            field,
            Message(v =>
            {
                Text(v, 1, name);
                Bytes(v, 2, type);
            })
        );
        return this;
    }

    private static byte[] Message(Action<MemoryStream> write)
    {
        using var message = new MemoryStream();
        write(message);
        return message.ToArray();
    }

    private static void Text(MemoryStream to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(MemoryStream to, int field, byte[] bytes)
    {
        Varint(to, (ulong)((field << 3) | 2));
        Varint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void Number(MemoryStream to, int field, ulong value)
    {
        Varint(to, (ulong)(field << 3));
        Varint(to, value);
    }

    private static void Varint(MemoryStream to, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            to.WriteByte((byte)(value | 0x80));
        }

        to.WriteByte((byte)value);
    }
}
